"""A table, and its four layouts: for a terminal, in Markdown, as CSV, in HTML."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from itertools import zip_longest
from typing import Literal

from ahasd.plain_text import one_line, printable
from ahasd.report.text import break_at_spaces, display_width, pad

#: Characters that the wrapped column of a table in a terminal keeps at least, however long the others are (ours).
LEAST_WRAPPED = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title
        What stands over it.
    align
        ``right`` for numbers.
    least
        Characters that it takes in a terminal at least.
    """

    title: str
    align: Literal["left", "right"] = "left"
    least: int = 0


def left(*titles: str, least: int = 0) -> tuple[Column, ...]:
    """Columns of text, of the same least width."""
    return tuple(Column(title, "left", least) for title in titles)


def right(*titles: str, least: int = 0) -> tuple[Column, ...]:
    """Columns of numbers, of the same least width."""
    return tuple(Column(title, "right", least) for title in titles)


def unrounded(value: str | float | None) -> str:
    """A cell for programs: a number with all its digits, nothing for None."""
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of text.

    A table whose columns have no titles has no head (but in Markdown, which wants one).

    Attributes
    ----------
    rows
        A cell for each column.
    title
        What stands over the table; CSV has none.
    notes
        What stands below it, a paragraph each; CSV has none.

    Raises
    ------
    ValueError
        A row has more or fewer cells than there are columns.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells where the table has {len(self.columns)} columns: {row}")

    def terminal(self, width: int | None = None, underlined: bool = False) -> str:
        """Columns side by side, one space before numbers and two before text.

        Parameters
        ----------
        width
            Where lines would be longer, the widest column of text is wrapped; numbers never are. None for a line
            per row, whatever its length.
        underlined
            Whether a line parts the head from the rows.
        """
        head, body = self._heads, [[_one_line(cell) for cell in row] for row in self.rows]
        widths = [
            max([column.least, *(display_width(row[place]) for row in [*head, *body])])
            for place, column in enumerate(self.columns)
        ]
        gaps = [1 if column.align == "right" else 2 for column in self.columns]
        gaps[:1] = [0]
        folded = self._widest_text(widths) if width is not None else None
        if width is not None and folded is not None:
            others = sum(widths) + sum(gaps) - widths[folded]
            widths[folded] = min(widths[folded], max(LEAST_WRAPPED, width - others))

        def lines(row: Sequence[str]) -> Iterator[str]:
            folds = (
                break_at_spaces(cell, widths[place]) if place == folded else [cell]
                for place, cell in enumerate(row)
            )
            for line in zip_longest(*folds, fillvalue=""):
                cells = zip(line, widths, self.columns, strict=True)
                padded = (pad(cell, least, column.align) for cell, least, column in cells)
                yield "".join(" " * gap + cell for gap, cell in zip(gaps, padded, strict=True)).rstrip()

        title = [one_line(self.title)] if self.title else []
        rule = ["-" * (sum(widths) + sum(gaps))] if underlined and head else []
        heads, rows = ([line for row in part for line in lines(row)] for part in (head, body))
        return "".join(f"{line}\n" for line in [*title, *heads, *rule, *rows, *map(one_line, self.notes)])

    def markdown(self, aligned: bool = False) -> str:
        """Rows between pipes, under a heading of the third level.

        Parameters
        ----------
        aligned
            Whether the page aligns the columns as the table does; it leaves that to the reader otherwise.
        """
        heading = f"### {one_line(self.title)}\n\n" if self.title else ""
        if aligned:
            rule = "|" + "".join("---:|" if column.align == "right" else "---|" for column in self.columns)
        else:
            rule = "| " + " | ".join("---" for _ in self.columns) + " |"
        head, *rows = (
            "| " + " | ".join(_BAR.sub(r"\1\1\\|", _one_line(cell)) for cell in row) + " |"
            for row in [[column.title for column in self.columns], *self.rows]
        )
        notes = "".join(f"\n{one_line(note)}\n" for note in self.notes)
        return heading + "".join(f"{line}\n" for line in [head, rule, *rows]) + notes

    def csv(self) -> str:
        """Comma-separated, quoted where a cell holds a comma, a quote or a new line."""
        buffer = StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([*self._heads, *self.rows])
        return buffer.getvalue()

    def html(self) -> str:
        """A plain ``<table>``, all text escaped."""
        parts = [f"<caption>{escape(one_line(self.title))}</caption>"] if self.title else []
        parts += [f"<thead>{self._html_row(row, 'th')}</thead>" for row in self._heads]
        parts += ["<tbody>", *(self._html_row(row, "td") for row in self.rows), "</tbody>"]
        if self.notes:
            span = f'<td colspan="{len(self.columns)}">'
            notes = "".join(f"<tr>{span}{escape(one_line(note))}</td></tr>" for note in self.notes)
            parts.append(f"<tfoot>{notes}</tfoot>")
        return "\n".join(["<table>", *parts, "</table>"]) + "\n"

    @property
    def _heads(self) -> list[list[str]]:
        """The head as the only one of its kind, or none."""
        titles = [column.title for column in self.columns]
        return [titles] if any(titles) else []

    def _widest_text(self, widths: Sequence[int]) -> int | None:
        """The widest column of text; None where all are numbers."""
        texts = [place for place, column in enumerate(self.columns) if column.align == "left"]
        return max(texts, key=lambda place: widths[place], default=None)

    def _html_row(self, row: Sequence[str], element: str) -> str:
        cells = []
        for cell, column in zip(row, self.columns, strict=True):
            style = ' style="text-align: right"' if column.align == "right" else ""
            cells.append(f"<{element}{style}>{escape(printable(cell))}</{element}>")
        return f"<tr>{''.join(cells)}</tr>"


#: A bar would end its cell in Markdown; one behind a backslash, too, but that the backslash is doubled.
_BAR = re.compile(r"(\\*)\|")


def _one_line(cell: str) -> str:
    return one_line(cell.replace("\n", " "))
