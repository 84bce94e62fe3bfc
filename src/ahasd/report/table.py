"""A table, and its four layouts: for a terminal, in Markdown, as CSV, in HTML."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Literal

from ahasd.plain_text import one_line, printable
from ahasd.report.text import display_width, fold, longest_part, pad

#: Characters that a wrapped column of a table in a terminal keeps at least, however long the others are; up to so
#: many it also keeps the parts of its words whole (ours).
LEAST_WRAPPED, WHOLE_PARTS = 14, 24


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
            Where lines would be longer, columns of text and heads are wrapped; numbers never are. None for a line
            per row, whatever its length.
        underlined
            Whether a line parts the head from the rows.
        """
        head, body = self._heads, [[_one_line(cell) for cell in row] for row in self.rows]
        gaps = [1 if column.align == "right" else 2 for column in self.columns]
        gaps[:1] = [0]
        widths = self._widths(head, body, None if width is None else width - sum(gaps))

        def lines(row: Sequence[str], above: bool = False) -> Iterator[str]:
            folds = [
                [cell] if display_width(cell) <= room else fold(cell, room)
                for cell, room in zip(row, widths, strict=True)
            ]
            deepest = max(map(len, folds))
            blank = [[""] * (deepest - len(folded)) for folded in folds]
            columns = [
                filler + folded if above else folded + filler
                for folded, filler in zip(folds, blank, strict=True)
            ]
            for line in zip(*columns, strict=True):
                cells = zip(line, widths, self.columns, strict=True)
                padded = (pad(cell, least, column.align) for cell, least, column in cells)
                yield "".join(" " * gap + cell for gap, cell in zip(gaps, padded, strict=True)).rstrip()

        title = [one_line(self.title)] if self.title else []
        rule = ["-" * (sum(widths) + sum(gaps))] if underlined and head else []
        heads = [line for row in head for line in lines(row, above=True)]
        rows = [line for row in body for line in lines(row)]
        return "".join(f"{line}\n" for line in [*title, *heads, *rule, *rows, *map(one_line, self.notes)])

    def _widths(self, head: list[list[str]], body: list[list[str]], room: int | None) -> list[int]:
        """Columns of a terminal for each column of the table, ``room`` in all as far as that can be."""
        whole = [
            max([column.least, *(display_width(row[place]) for row in [*head, *body])])
            for place, column in enumerate(self.columns)
        ]
        if room is None or sum(whole) <= room:
            return whole
        widths = []
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in body]
            widest = max(map(display_width, cells), default=0)
            if column.align == "left":
                parts = min(WHOLE_PARTS, max(map(longest_part, cells), default=0))
                widest = min(widest, max(LEAST_WRAPPED, parts))
            widths.append(max([widest, *(longest_part(row[place]) for row in head)]))
        # What is left goes to the columns that lack least, so that as few as can be are wrapped.
        for place in sorted(range(len(widths)), key=lambda place: whole[place] - widths[place]):
            widths[place] += max(0, min(whole[place] - widths[place], room - sum(widths)))
        return widths

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
