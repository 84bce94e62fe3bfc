"""What an order of a graph looks like."""

from typing import TYPE_CHECKING, Any

from ahasd.errors import AhasdError
from ahasd.report.ordering.sizes import KB
from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE, ORANGE
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

if TYPE_CHECKING:
    from ahasd.report.pictures.form import Form


class OrderingView(View):
    """The staircase of live bytes, ours and the given one's, and the methods side by side."""

    name = "graph_ordering"
    page = "ordering.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd order`` writes."""
        return "live_bytes" in document and "arena" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """The sentence, peaks, and pictures."""
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise AhasdError(f"an order that `ahasd order` did not write: {error!r}") from error

    def form(self) -> "Form":
        """The options of ``ahasd order``."""
        from ahasd.report.pictures.ordering.form import OrderForm

        return OrderForm(self)


def _shown(document: Document) -> Shown:
    rows = [
        ("this order", _kb(document["peak_bytes"])),
        ("given order", _kb(document["given_peak_bytes"])),
        ("reverse post-order", _kb(document["rpo_peak_bytes"])),
        ("no order goes below", _kb(document["lower_bound_bytes"])),
    ]
    compared = document.get("compared", [])
    figures = [staircase(document["live_bytes"], document["given_live_bytes"], document["method"])]
    if compared:
        figures.append(_methods(compared))
    return Shown(
        sentence=str(document["sentence"]),
        title=f"{document['name']}: {document['nodes']} nodes, by {document['method']}",
        tables=(Table((*left(""), *right("peak, KB")), rows),),
        figures=tuple(figure for figure in figures if figure.columns.rows),
        asked={name: document[name] for name in ("name", "method", "aliases")},
    )


def staircase(live: list[int], given: list[int], method: str) -> Figure:
    """Bytes that live at each step, in both orders."""
    rows = [
        (order, step + 1, count / KB)
        for order, steps in (("given", given), (method, live))
        for step, count in enumerate(steps)
    ]
    peak = max(live, default=0)
    return Figure(
        "live-bytes",
        "Bytes that live at each step",
        f"At most {peak / KB:,.0f} KB live at once; in the given order {max(given, default=0) / KB:,.0f} KB.",
        Columns.of(("order", "step", "live_kb"), rows),
        {
            "height": 200,
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {
                "x": {"field": "step", "type": "quantitative", "title": "step"},
                "y": {"field": "live_kb", "type": "quantitative", "title": "live, KB"},
                "color": {
                    "field": "order",
                    "type": "nominal",
                    "title": None,
                    "sort": None,
                    "scale": {"domain": ["given", method], "range": [ORANGE, BLUE]},
                },
                "strokeDash": {
                    "field": "order",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": ["given", method], "range": [[4, 3], [1, 0]]},
                },
            },
        },
        wide=True,
    )


def _methods(compared: list[dict[str, Any]]) -> Figure:
    rows = sorted(((one["method"], one["peak_bytes"] / KB) for one in compared), key=lambda row: row[1])
    return Figure(
        "methods",
        "Peak by method",
        f"{rows[0][0]} finds the lowest peak, {rows[0][1]:,.0f} KB.",
        Columns.of(("method", "peak_kb"), rows),
        bars("method", "peak_kb", "peak, KB", ",.0f"),
    )


def _kb(count: int) -> str:
    return f"{count / KB:,.1f}"


VIEW: View = OrderingView()
