"""A table for a terminal of any width."""

from dataclasses import replace
from textwrap import indent

from ahasd.plain_text import one_line
from ahasd.report.table import Table
from ahasd.report.text import UNLIMITED, display_width, known_width, paragraphs

#: Columns that a table keeps, however narrow the terminal (ours).
LEAST_COLUMNS = 2


def fitted(
    table: Table, width: int | None = None, underlined: bool = False, all_columns: bool = False
) -> str:
    """Lines no longer than the terminal, as far as that can be: text is wrapped, then columns go, the last first.

    What went is said below.

    Parameters
    ----------
    width
        Columns of the terminal; those that there are, if not given. Where the output is no terminal, nothing is
        wrapped and nothing goes.
    underlined
        Whether a line parts the head from the rows.
    all_columns
        Whether no column may go: where they do not fit, the cells of a row stand below one another.
    """
    columns = known_width() if width is None else width
    if columns is None:
        return table.terminal(underlined=underlined)
    shown, gone = replace(table, title="", notes=()), list[str]()
    while len(shown.columns) > LEAST_COLUMNS and _longest(shown.terminal(columns)) > columns:
        if all_columns:
            return (
                _lines(table.title, width=columns)
                + _stacked(table, columns)
                + _lines(*table.notes, width=columns)
            )
        gone.insert(0, shown.columns[-1].title)
        rows = tuple(tuple(row[:-1]) for row in shown.rows)
        shown = replace(shown, columns=tuple(shown.columns[:-1]), rows=rows)
    notes = [*table.notes]
    titles = [one_line(title) for title in gone if title]
    if titles:
        notes.append(f"(Left out, as the terminal is narrow: {', '.join(titles)}.)")
    return (
        _lines(table.title, width=columns)
        + shown.terminal(columns, underlined)
        + _lines(*notes, width=columns)
    )


def indented(table: Table, before: str, width: int | None) -> str:
    """The same behind so many spaces."""
    columns = known_width() if width is None else width
    room = UNLIMITED if columns is None else max(1, columns - len(before))
    return indent(fitted(table, room), before)


def _stacked(table: Table, width: int) -> str:
    """A block for each row, a line for each cell, behind its title."""
    blocks = []
    for row in table.rows:
        first, *others = (
            one_line(f"{column.title}: {cell}" if column.title else cell)
            for column, cell in zip(table.columns, row, strict=True)
            if cell
        )
        lines = [*paragraphs([first], width), *paragraphs((f"  {cell}" for cell in others), width, "    ")]
        blocks.append("".join(f"{line}\n" for line in lines))
    return "\n".join(blocks)


def _lines(*texts: str, width: int) -> str:
    return "".join(f"{line}\n" for line in paragraphs(map(one_line, texts), width))


def _longest(text: str) -> int:
    return max(map(display_width, text.splitlines()), default=0)
