"""A table for a terminal of any width."""

from dataclasses import replace

from ahasd.plain_text import one_line
from ahasd.report.table import Table
from ahasd.report.text import display_width, known_width, paragraphs

#: Columns that a table keeps, however narrow the terminal (ours).
LEAST_COLUMNS = 2


def fitted(table: Table, width: int | None = None) -> str:
    """Lines no longer than the terminal, as far as that can be: text is wrapped, then columns go, the last first.

    What went is said below.

    Parameters
    ----------
    width
        Columns of the terminal; those that there are, if not given. Where the output is no terminal, nothing is
        wrapped and nothing goes.
    """
    columns = known_width() if width is None else width
    if columns is None:
        return table.terminal()
    shown, gone = replace(table, notes=()), list[str]()
    while _longest(shown.terminal(columns)) > columns and len(shown.columns) > LEAST_COLUMNS:
        gone.insert(0, shown.columns[-1].title)
        rows = tuple(tuple(row[:-1]) for row in shown.rows)
        shown = replace(shown, columns=tuple(shown.columns[:-1]), rows=rows)
    notes = [*table.notes]
    titles = [one_line(title) for title in gone if title]
    if titles:
        notes.append(f"(Left out, as the terminal is narrow: {', '.join(titles)}.)")
    return shown.terminal(columns) + "".join(f"{line}\n" for line in paragraphs(notes, columns))


def _longest(text: str) -> int:
    return max(map(display_width, text.splitlines()), default=0)
