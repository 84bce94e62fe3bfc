"""A figure: what is drawn, the rows behind it, and a sentence that says what is seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ahasd.plain_text import one_line
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.style import STYLE
from ahasd.report.table import Column, Table, unrounded

#: The grammar in which figures are written; the renderer speaks this version.
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes
    ----------
    name
        Of its files: letters, digits and hyphens.
    title
        What it shows, in a few words.
    says
        What is to be seen in it, as a sentence; also for those who do not see it.
    columns
        The rows behind it, which are all that is drawn.
    drawing
        A Vega-Lite unit or layers, without data, title and width.
    wide
        Whether it takes the whole width of a page.
    """

    name: str
    title: str
    says: str
    columns: Columns
    drawing: Mapping[str, Any]
    wide: bool = False

    def document(self, width: int) -> dict[str, Any]:
        """The figure in Vega-Lite, with its rows, ``width`` pixels wide with all its labels."""
        rows = [
            {name: one_line(value) if isinstance(value, str) else value for name, value in record.items()}
            for record in self.columns.records()
        ]
        return {
            "$schema": SCHEMA,
            "description": one_line(self.says),
            "width": width,
            "autosize": {"type": "fit-x", "contains": "padding"},
            "data": {"values": rows},
            "config": STYLE,
            **self.drawing,
        }

    def table(self) -> Table:
        """The rows with all their digits."""
        numeric = [
            all(value is None or isinstance(value, float | int) for value in self.columns.column(name))
            for name in self.columns.names
        ]
        heads = [
            Column(name, "right" if number else "left")
            for name, number in zip(self.columns.names, numeric, strict=True)
        ]
        rows = [[unrounded(value) for value in row] for row in self.columns.rows]
        return Table(heads, rows)
