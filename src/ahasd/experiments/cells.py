"""What the cells of a comparison have in common, and what could not run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a system cannot run somewhere, under any algorithm."""

    system: str
    hardware: str
    pair: str
    reason: str
    varied: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftedBy:
    """An algorithm as the runs name it, and where its constants come from."""

    algorithm: str
    provenance: str | None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much was run.

    Attributes
    ----------
    cells, ran
        All, and those that could run.
    seeds
        Of the cell with the most.
    tokens
        Lengths of the runs, the shortest first.
    """

    cells: int
    ran: int
    seeds: int
    tokens: tuple[int, ...]


def extent(cells: Sequence[Cell]) -> Extent:
    """Count cells, seeds and tokens."""
    ran = [cell for cell in cells if cell.results]
    tokens = {result.tokens for cell in ran for result in cell.results}
    return Extent(
        len(cells), len(ran), max((len(cell.results) for cell in ran), default=0), tuple(sorted(tokens))
    )


def refusals(cells: Sequence[Cell]) -> list[Refusal]:
    """What cannot run, each once."""
    found = (
        Refusal(cell.system, cell.hardware, cell.pair, cell.refused, cell.varied)
        for cell in cells
        if cell.refused
    )
    return list(dict.fromkeys(found))


def drafted_by(cells: Sequence[Cell]) -> list[DraftedBy]:
    """The algorithms of the cells that draft."""
    first = (cell.results[0].speculation for cell in cells if cell.drafts)
    return list(dict.fromkeys(DraftedBy(about.algorithm, about.algorithm_provenance) for about in first))


def machines(cells: Sequence[Cell]) -> list[str]:
    """In the order of the comparison."""
    return list(dict.fromkeys(cell.hardware for cell in cells))


def pairs(cells: Sequence[Cell]) -> list[str]:
    """In the order of the comparison."""
    return list(dict.fromkeys(cell.pair for cell in cells))


def notes(cells: Sequence[Cell]) -> list[str]:
    """Notes of the results, each once."""
    return list(_notes(cells))


def notes_by_frequency(cells: Sequence[Cell]) -> list[str]:
    """Notes of the results, those that many share first."""
    return [note for note, _ in _notes(cells).most_common()]


def _notes(cells: Sequence[Cell]) -> Counter[str]:
    return Counter(note for cell in cells for result in cell.results for note in result.notes)
