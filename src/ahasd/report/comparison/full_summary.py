"""``summary.md`` of every pair, algorithm and system."""

import re
from collections.abc import Callable, Sequence

from ahasd.claims.published_means import published_mean
from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import drafted_by, extent, notes_by_frequency, pairs, refusals
from ahasd.experiments.full_results import algorithms, by_algorithm, readings
from ahasd.experiments.over_cells import OverCells
from ahasd.experiments.overview import OverviewRow, overview
from ahasd.plain_text import one_line
from ahasd.report.comparison.cell_text import algorithm_text, joules_text, speed_text
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, published_text
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left, right

#: Systems that ratios are taken to, as the paper's tables do.
REFERENCES = ("npu", "gpu")


def full_summary(cells: Sequence[Cell]) -> str:
    """Ratios over all pairs and algorithms, then each pair's figures, then what cannot run, in Markdown."""
    lines = ["# Every system, every pair, every algorithm", "", _about(cells), ""]
    asked = readings(cells)
    for reading in asked:
        title = f" ({one_line(reading.hardware)})" if len(asked) > 1 else ""
        for reference in REFERENCES:
            if any(cell.system == reference and cell.results for cell in reading.cells):
                table = overview_table(reading.cells, reference)
                lines += [f"## Over `{reference}`{title}", "", table.markdown()]
        for pair in pairs(reading.cells):
            of_pair = [cell for cell in reading.cells if cell.pair == pair]
            for unit, text in (("tokens/s", speed_text), ("joules per token", joules_text)):
                lines += [f"## {one_line(pair)}{title}: {unit}", "", pair_table(of_pair, text).markdown()]
    if refusals(cells):
        lines += ["## What cannot run", "", refusals_table(cells).markdown()]
    lines += ["## Notes", "", *(f"- {one_line(note)}" for note in notes_by_frequency(cells)), ""]
    return wrapped("\n".join(lines))


def overview_table(cells: Sequence[Cell], reference: str) -> Table:
    """Ratios to a system: mean over pairs and algorithms of means over seeds, smallest and largest.

    The last column says how many cells are in.
    """
    columns = (
        *left("system", "hardware"),
        *right(
            f"tokens/s / {reference}", "range", "paper", f"J/token / {reference}", "range", "paper", "cells"
        ),
    )
    return Table(columns, [_overview_row(row, reference) for row in overview(cells, reference)])


def pair_table(cells: Sequence[Cell], text: Callable[[Cell], str]) -> Table:
    """One pair: a system a row, an algorithm a column, mean and 95 % interval over seeds.

    What cannot run says why in a few words; :func:`refusals_table` has all of them.
    """
    rows = [
        [
            row.system,
            row.hardware,
            *(text(cell) if cell.results else _briefly(cell.refused or "not run") for cell in row.cells),
        ]
        for row in by_algorithm(cells)
    ]
    return Table((*left("system", "hardware"), *right(*algorithms(cells))), rows)


def refusals_table(cells: Sequence[Cell]) -> Table:
    """System, machine, pair and reason of what cannot run, once for all algorithms."""
    rows = [(one.system, one.hardware, one.pair, one.reason) for one in refusals(cells)]
    return Table(left("system", "hardware", "pair", "why"), rows)


def _overview_row(row: OverviewRow, reference: str) -> list[str]:
    published = published_mean(row.pair, row.system, reference)
    return [
        row.system,
        row.hardware,
        *_mean_and_range(row.speed),
        published_text(published, THROUGHPUT),
        *_mean_and_range(row.energy),
        published_text(published, ENERGY),
        str(row.cells),
    ]


def _mean_and_range(found: OverCells | None) -> tuple[str, str]:
    return ("", "") if found is None else (f"{found.mean:.2f}", f"{found.least:.2f} to {found.most:.2f}")


def _briefly(reason: str) -> str:
    """A refusal without its arithmetic and what to do about it."""
    return re.split("[:;]", reason, maxsplit=1)[0]


def _about(cells: Sequence[Cell]) -> str:
    found = extent(cells)
    stated = ", ".join(map(algorithm_text, drafted_by(cells)))
    ranged = any(cell.joules_ends for cell in cells)
    return (
        f"{found.ran} of {found.cells} cells ran, each with {found.seeds} seeds and "
        f"{', '.join(map(str, found.tokens))} tokens. "
        "Systems that need other hardware than the given run on their own, as the tables say: a ratio between "
        "different machines is one of machines, too. Ratios are taken seed by seed. "
        f"Algorithms: {stated or 'none'}."
        + (" In parentheses: joules per token over the ranges of the energy constants." if ranged else "")
    )
