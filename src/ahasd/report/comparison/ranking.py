"""What a comparison found, in sentences, a small table, and for programs."""

from collections.abc import Sequence
from typing import Any

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import machines, notes
from ahasd.experiments.metrics import (
    PartialMetric,
    acceptance_rate,
    joules_per_token,
    over_best_alone,
    tokens_per_second,
)
from ahasd.experiments.ranking import Ranking, joules, rankings, speed
from ahasd.intervals import Interval
from ahasd.plain_text import one_line
from ahasd.report.comparison.cell_text import interval_text, joules_text, number, speed_text
from ahasd.report.table import Table, left, right

#: Rows of a ranking in a terminal; the files have all (ours).
TERMINAL_ROWS = 10


class Names:
    """What tells the cells of a comparison apart: what all have in common is left out."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._several = {
            name: len({getattr(cell, name) for cell in cells}) > 1 for name in ("pair", "hardware")
        }
        self._algorithms = len({cell.algorithm for cell in cells if cell.drafts}) > 1

    def of(self, cell: Cell) -> str:
        """The cell in a few words."""
        parts = [cell.system]
        if self._algorithms and cell.drafts:
            parts.append(cell.algorithm)
        if self._several["pair"] and cell.drafts:
            parts.append(cell.pair)
        parts += [f"{name}={value}" for name, value in cell.varied]
        where = f" on {cell.hardware}" if self._several["hardware"] else ""
        return ", ".join(parts) + where


def ranking_sentences(cells: Sequence[Cell]) -> list[str]:
    """Say for each target what is best, what takes least energy, and whether a draft pays."""
    found = rankings(cells)
    if not found:
        return ["Nothing could run here; why stands below."]
    return [one_line(text) for ranking in found for text in _sentences(ranking, Names(cells))]


def _sentences(ranking: Ranking, names: Names) -> list[str]:
    best, missed = ranking.best, ranking.missed
    figures = f"{speed(best):.4g} tokens/s, {joules(best):.3g} J/token"
    if missed is not None:
        way = missed.way
        said = [
            f"Best for {ranking.target}: the target alone, {way.name} on {missed.hardware}, which was not in the "
            f"list: {way.rate}. Of the {len(ranking.cells)} compared the fastest is {names.of(best)}: {figures}."
        ]
    else:
        over = f", {speed(best) / speed(ranking.cells[1]):.2f}x the next" if len(ranking.cells) > 1 else ""
        said = [
            f"Best for {ranking.target} of {len(ranking.cells)} compared: {names.of(best)}: {figures}{over}."
        ]
    frugal = ranking.frugal
    if frugal is best:
        said.append("It takes the least energy, too.")
    else:
        said.append(
            f"Least energy: {names.of(frugal)}: {joules(frugal):.3g} J/token at {speed(frugal):.4g} tokens/s."
        )
    drafting, without = ranking.drafting, ranking.fastest_without_draft
    if drafting is not None and without is not None:
        pays = "pays" if ranking.pays else "does not pay"
        said.append(
            f"Speculation {pays}: the fastest with a draft, {names.of(drafting)}, is "
            f"{speed(drafting) / without:.2f}x the fastest without one."
        )
    return said


def ranking_table(cells: Sequence[Cell], rows: int | None = None) -> Table:
    """The cells that ran, the fastest first, those of each target apart; on several machines the best of each.

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
        chosen = _best_of_machines(ranking) if len(machines(cells)) > 1 and rows else ranking.cells
        lines += [_row(cell, names) for cell in chosen[:rows]]
        left_out += len(ranking.cells) - len(chosen[:rows])
    more = [f"… and {left_out} slower"] if left_out else []
    return Table(columns, lines, notes=more)


def ranking_document(cells: Sequence[Cell]) -> dict[str, Any]:
    """The same for programs: sentences, and for each target every cell in its order."""
    names = Names(cells)
    return {
        "sentences": ranking_sentences(cells),
        "targets": [
            {
                "target": ranking.target,
                "best": names.of(ranking.best),
                "least_energy": names.of(ranking.frugal),
                "pays": ranking.pays,
                "fastest_plain_way": None
                if ranking.plain is None
                else ranking.plain.way.model_dump() | {"hardware": ranking.plain.hardware},
                "ranking": [_entry(cell) for cell in ranking.cells],
            }
            for ranking in rankings(cells)
        ],
        "refused": [_which(cell) | {"reason": cell.refused} for cell in cells if cell.refused],
        "notes": notes(cells),
    }


def _best_of_machines(ranking: Ranking) -> tuple[Cell, ...]:
    """The fastest cell of each machine, and the fastest with a draft there."""
    best: list[Cell] = []
    for hardware in machines(ranking.cells):
        here = [cell for cell in ranking.cells if cell.hardware == hardware]
        drafting = [cell for cell in here if cell.drafts]
        best += [here[0], *(cell for cell in drafting[:1] if cell is not here[0])]
    return tuple(best)


def _row(cell: Cell, names: Names) -> list[str]:
    return [
        names.of(cell),
        speed_text(cell),
        joules_text(cell) if cell.joules_ends else f"{joules(cell):.3f}",
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
