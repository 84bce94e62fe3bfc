"""What a comparison found, in sentences, a small table, and for programs."""

from collections.abc import Sequence
from typing import Any

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import notes
from ahasd.experiments.metrics import (
    PartialMetric,
    acceptance_rate,
    joules_per_token,
    over_best_alone,
    tokens_per_second,
)
from ahasd.experiments.ranking import PlainWay, Ranking, joules, rankings, speed
from ahasd.family.result import joules_text as energy_text
from ahasd.intervals import Interval
from ahasd.plain_text import one_line
from ahasd.report.comparison.cell_text import interval_text, joules_text, number, speed_text
from ahasd.report.table import Table, left, right
from ahasd.speculation.summary import NO_SPECULATION

#: Rows of a ranking in a terminal; the files have all (ours).
TERMINAL_ROWS = 10


class Names:
    """What tells the cells of a comparison apart: what all have in common is left out."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._several = {
            name: len({getattr(cell, name) for cell in cells}) > 1 for name in ("pair", "hardware")
        }
        self._algorithms = len({cell.algorithm for cell in cells if cell.algorithm != NO_SPECULATION}) > 1

    def of(self, cell: Cell) -> str:
        """The cell in a few words."""
        parts = [f"{cell.system} (a bound)" if cell.is_bound else cell.system]
        if self._algorithms and cell.algorithm != NO_SPECULATION:
            parts.append(cell.algorithm)
        if self._several["pair"] and cell.drafts:
            parts.append(cell.pair)
        parts += [f"{name}={value}" for name, value in cell.varied]
        where = f" on {cell.hardware}" if self._several["hardware"] else ""
        return ", ".join(parts) + where

    def of_plain(self, plain: PlainWay) -> str:
        """A plain way that is no cell."""
        varied = "".join(f", {name}={value}" for name, value in plain.beside.varied)
        return f"the target alone, {plain.way.name}{varied} on {plain.beside.hardware}, which was not in the list"


def ranking_sentences(cells: Sequence[Cell]) -> list[str]:
    """Say for each target what is best, what takes least energy, and whether a draft pays."""
    found = rankings(cells)
    if not found:
        return ["Nothing could run here; why stands below."]
    return [one_line(text) for ranking in found for text in _sentences(ranking, Names(cells))]


def _sentences(ranking: Ranking, names: Names) -> list[str]:
    best, missed, count = ranking.best, ranking.missed, len(ranking.cells)
    figures = f"{speed(best):.4g} tokens/s, {energy_text(joules(best))}"
    if missed is not None:
        listed = f"Of the {count} compared the fastest" if count > 1 else "What was compared"
        said = [
            f"Best for {ranking.target}: {names.of_plain(missed)}: {missed.way.rate}. "
            f"{listed} is {names.of(best)}: {figures}."
        ]
    else:
        others = ranking.machines[1:]
        over = f", {speed(best) / speed(others[0]):.2f}x the next" if others else ""
        of = f" of {count} compared" if count > 1 else ""
        said = [f"Best for {ranking.target}{of}: {names.of(best)}: {figures}{over}."]
    said += _least_energy(ranking, names)
    drafting, gain = ranking.drafting, ranking.gain
    if drafting is not None and gain is not None:
        pays = "pays" if ranking.pays else "does not pay"
        said.append(
            f"Speculation {pays}: the fastest with a draft, {names.of(drafting)}, is {gain:.2f}x the fastest without "
            "one on the same machine."
        )
    return said


def _least_energy(ranking: Ranking, names: Names) -> list[str]:
    frugal, missed = ranking.frugal, ranking.missed_frugal
    if frugal is None:
        # Where all energies but one are known, the unknown one may be the least.
        several = len(ranking.machines) > 1
        return (
            ["What takes the least energy is not known: not of all is the power published."]
            if several
            else []
        )
    if missed is not None:
        if ranking.missed is not None and missed.way == ranking.missed.way:
            return ["That takes the least energy, too."]
        return [f"Least energy: {names.of_plain(missed)}: {missed.way.rate}."]
    if frugal is ranking.best and ranking.missed is None:
        return ["That takes the least energy, too."]
    return [
        f"Least energy: {names.of(frugal)}: {energy_text(joules(frugal))} at {speed(frugal):.4g} tokens/s."
    ]


def ranking_table(cells: Sequence[Cell], rows: int | None = None) -> Table:
    """The cells that ran, the fastest first, those of each target apart.

    "/ alone" is the speed over that of the fastest plain way on the same machine.

    Parameters
    ----------
    rows
        At most, for each target.
    """
    names = Names(cells)
    columns = (
        *left(""),
        *right("tokens/s", "J/token", "/ alone", "accept."),
    )
    lines: list[list[str]] = []
    left_out = 0
    for ranking in rankings(cells):
        lines += [_row(cell, names) for cell in ranking.cells[:rows]]
        left_out += len(ranking.cells) - len(ranking.cells[:rows])
    more = [f"… and {left_out} slower, which --json and the files of --output have"] if left_out else []
    return Table(columns, lines, notes=more)


def ranking_document(cells: Sequence[Cell]) -> dict[str, Any]:
    """The same for programs: sentences, and for each target every cell in its order."""
    names = Names(cells)
    return {
        "sentences": ranking_sentences(cells),
        "targets": [
            {
                "target": ranking.target,
                "best": names.of(ranking.best) if ranking.missed is None else ranking.missed.way.name,
                "best_compared": names.of(ranking.best),
                "least_energy": _least_energy_name(ranking, names),
                "pays": ranking.pays,
                "fastest_plain_way": _plain(ranking.plain),
                "most_frugal_plain_way": _plain(ranking.plain_frugal),
                "ranking": [_entry(cell) for cell in ranking.cells],
            }
            for ranking in rankings(cells)
        ],
        "refused": [_which(cell) | {"reason": cell.refused} for cell in cells if cell.refused],
        "notes": notes(cells),
    }


def _least_energy_name(ranking: Ranking, names: Names) -> str | None:
    if ranking.missed_frugal is not None:
        return ranking.missed_frugal.way.name
    return names.of(ranking.frugal) if ranking.frugal is not None else None


def _plain(plain: PlainWay | None) -> dict[str, Any] | None:
    if plain is None:
        return None
    where = {"hardware": plain.beside.hardware, "varied": dict(plain.beside.varied)}
    return plain.way.model_dump() | where | {"compared": plain.compared}


def _row(cell: Cell, names: Names) -> list[str]:
    return [
        names.of(cell),
        speed_text(cell),
        joules_text(cell) if cell.joules_ends else number(joules(cell), ".3f"),
        interval_text(cell.interval(over_best_alone), 2),
        number(cell.mean(acceptance_rate), ".2f"),
    ]


def _which(cell: Cell) -> dict[str, Any]:
    return {
        "system": cell.system,
        "hardware": cell.hardware,
        "pair": cell.pair,
        "algorithm": cell.algorithm,
        "varied": dict(cell.varied),
    }


def _entry(cell: Cell) -> dict[str, Any]:
    figures: dict[str, PartialMetric] = {
        "tokens_per_second": tokens_per_second,
        "joules_per_token": joules_per_token,
        "speedup_over_best_alone": over_best_alone,
        "draft_acceptance_rate": acceptance_rate,
    }
    return _which(cell) | {name: _interval(cell.interval(metric)) for name, metric in figures.items()}


def _interval(found: Interval | None) -> dict[str, float | None] | None:
    return None if found is None else {"mean": found.mean, "half_width": found.half_width}
