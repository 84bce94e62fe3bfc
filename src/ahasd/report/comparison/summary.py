"""A comparison for people: in the terminal, and as ``summary.md``."""

from collections.abc import Sequence
from dataclasses import replace

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import drafted_by, machines, notes
from ahasd.report.comparison.cell_text import algorithm_text, refusal_lines
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, ratios_table, standings_table
from ahasd.report.table import Table
from ahasd.report.text import LEAST_TERMINAL, paragraphs


def comparison_text(cells: Sequence[Cell]) -> str:
    """Tables of all machines without what only a file has room for, then why systems cannot run, and notes."""
    parts = [_shortened(standings_table(cells, hardware), cells).terminal() for hardware in machines(cells)]
    if len(machines(cells)) > 1:
        parts += [ratios_table(cells, ratio).terminal() for ratio in (THROUGHPUT, ENERGY)]
    lines = paragraphs(refusal_lines(cells), LEAST_TERMINAL)
    about = next((cell for cell in cells if cell.drafts), None)
    if about is not None:
        (drafted,) = drafted_by([about])
        said = f"{about.results[0].pair}, algorithm {algorithm_text(drafted)}. Means and 95 % intervals over seeds."
        lines += ["", *paragraphs([said], LEAST_TERMINAL)]
    lines += paragraphs((f"Note: {note}" for note in notes(cells)), LEAST_TERMINAL)
    return "".join([*parts, *(f"{line}\n" for line in lines)])


def comparison_page(cells: Sequence[Cell]) -> str:
    """All machines' tables and the ratios, in Markdown."""
    parts = [standings_table(cells, hardware).markdown() for hardware in machines(cells)]
    parts.append("### Ratios\n")
    parts += [ratios_table(cells, ratio).markdown() for ratio in (THROUGHPUT, ENERGY)]
    return "\n".join([*parts, *refusal_lines(cells)])


def _shortened(table: Table, cells: Sequence[Cell]) -> Table:
    """Intervals of the first two figures alone, and of energy if its range was asked for."""
    whole = (1, 2, 5) if any(cell.joules_ends for cell in cells) else (1, 2)
    rows = [
        [cell if place in whole else cell.split(" ")[0] for place, cell in enumerate(row)]
        for row in table.rows
    ]
    return replace(table, rows=rows)
