"""Every system over a reference, over all pairs and algorithms at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.experiments.cell import Cell
from ahasd.experiments.metrics import joules_per_token, tokens_per_second
from ahasd.experiments.over_cells import OverCells, over_cells
from ahasd.speculation.summary import NO_SPECULATION


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """A system over the reference: ratios seed by seed, over the cells that both can run.

    Attributes
    ----------
    pair
        The first of the pairs.
    speed, energy
        Of tokens per second and of joules per token; None where they have no cell in common.
    cells
        That are in the means.
    """

    system: str
    hardware: str
    pair: str
    speed: OverCells | None
    energy: OverCells | None
    cells: int


def overview(cells: Sequence[Cell], reference: str) -> list[OverviewRow]:
    """A row per system.

    The target alone has no algorithm; it is compared with the reference under each. Pairs that the reference or the
    system cannot run are left out.
    """
    of_reference = [cell for cell in cells if cell.system == reference and cell.results]
    rows = []
    for system in dict.fromkeys(cell.system for cell in cells):
        own = [cell for cell in cells if cell.system == system]
        matched = [(cell, base) for base in of_reference for cell in own if _matches(cell, base)]
        speed, energy = (
            over_cells([cell.ratios(base, metric) for cell, base in matched])
            for metric in (tokens_per_second, joules_per_token)
        )
        rows.append(OverviewRow(system, own[0].hardware, own[0].pair, speed, energy, len(matched)))
    return rows


def _matches(cell: Cell, base: Cell) -> bool:
    return (
        bool(cell.results) and cell.pair == base.pair and cell.algorithm in (base.algorithm, NO_SPECULATION)
    )
