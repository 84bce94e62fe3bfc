"""A comparison for people: in the terminal, and as ``summary.md``."""

from collections.abc import Iterator, Sequence

from ahasd.experiments.cell import Cell
from ahasd.experiments.cells import drafted_by, machines, notes, pairs
from ahasd.experiments.full_results import algorithms
from ahasd.plain_text import one_line
from ahasd.report.comparison.cell_text import algorithm_text, refusal_lines
from ahasd.report.comparison.ranking import TERMINAL_ROWS, ranking_sentences, ranking_table
from ahasd.report.comparison.standings import ENERGY, THROUGHPUT, ratios_table, standings_table
from ahasd.report.fitted import fitted
from ahasd.report.markdown import wrapped
from ahasd.report.text import TERMINAL, paragraphs, prose_width
from ahasd.speculation.summary import NO_SPECULATION


def comparison_text(cells: Sequence[Cell]) -> str:
    """What is best, the ranking, why systems cannot run, and notes."""
    table = ranking_table(cells, TERMINAL_ROWS)
    ran = [cell for cell in cells if cell.results]
    about = [", ".join(pairs(cells)) + "."]
    if any(len(cell.results) > 1 for cell in ran):
        about.append("Means and 95 % intervals over seeds.")
    if any(cell.drafts for cell in ran):
        about.append("/ alone: over the fastest way to run the target alone on the same machine.")
    # What is varied stands in the rows.
    said = [
        note for note in notes(cells) if not (note.startswith("changed: ") and any(c.varied for c in cells))
    ]
    remarks = [
        *refusal_lines(cells),
        *([" ".join(about)] if ran else []),
        *(f"Note: {note}" for note in said),
    ]
    parts = [
        paragraphs(ranking_sentences(cells), min(TERMINAL, prose_width())),
        fitted(table).splitlines() if table.rows else [],
        paragraphs(remarks, min(TERMINAL, prose_width())),
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def comparison_page(cells: Sequence[Cell]) -> str:
    """The sentences, the whole ranking, and for every setting all machines' tables and the ratios, in Markdown."""
    parts = [
        "# Comparison\n",
        "".join(f"{sentence}\n" for sentence in ranking_sentences(cells)),
        ranking_table(cells).markdown(),
    ]
    for title, of_setting in _settings(cells):
        parts.append(f"## {one_line(title)}\n")
        parts += [standings_table(of_setting, hardware).markdown() for hardware in machines(of_setting)]
        parts.append("### Ratios\n")
        parts += [ratios_table(of_setting, ratio).markdown() for ratio in (THROUGHPUT, ENERGY)]
    remarks = [*refusal_lines(cells), *notes(cells)]
    return wrapped("\n".join([*parts, *(f"- {one_line(remark)}" for remark in remarks), ""]))


def _settings(cells: Sequence[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Cells of one pair, algorithm and whatever else is varied, with what they have in common."""
    for pair, varied in dict.fromkeys((cell.pair, cell.varied) for cell in cells):
        here = [cell for cell in cells if (cell.pair, cell.varied) == (pair, varied)]
        for algorithm in algorithms(here):
            chosen = [cell for cell in here if cell.algorithm in (algorithm, NO_SPECULATION)]
            stated = ", ".join(map(algorithm_text, drafted_by(chosen))) or "no draft"
            yield ", ".join([pair, stated, *(f"{name}={value}" for name, value in varied)]), chosen
