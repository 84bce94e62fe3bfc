"""What a plan of private inference looks like."""

from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

if TYPE_CHECKING:
    from ahasd.report.pictures.form import Form

#: Bytes of a MB here, as links are sold.
MB = 1e6


class PrivateView(View):
    """Bytes of every layer, by the protocol that sends them."""

    name = "private_inference"
    page = "private-inference.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd private plan --json`` prints."""
        return "protocols" in document and "rounds" in document and "layers" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """The sentence, a row for each layer, and its bytes."""
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError) as error:
            raise AhasdError(f"a plan that `ahasd private plan` did not write: {error!r}") from error

    def form(self) -> "Form":
        """The options of ``ahasd private plan``."""
        from ahasd.report.pictures.private.form import PrivateForm

        return PrivateForm(self)


def _shown(document: Document) -> Shown:
    layers = document["layers"]
    rows = [
        (layer["name"], f"{layer['bytes'] / MB:,.2f}", f"{layer['rounds']:g}", f"{layer['seconds']:.3g}")
        for layer in layers
    ]
    return Shown(
        sentence=str(document["sentence"]),
        title=f"{document['network']}, protocols {document['protocols']}, transfers {document['transfer']}",
        tables=(Table((*left("layer"), *right("MB", "rounds", "seconds")), rows),),
        figures=(bytes_per_layer(document),),
        asked={name: document[name] for name in ("network", "widths", "protocols", "transfer", "link")},
    )


def bytes_per_layer(document: Document) -> Figure:
    """A bar for each layer, its parts by protocol."""
    rows = [
        (layer["name"], part["name"], part["bytes"] / MB)
        for layer in document["layers"]
        for part in layer["operations"]
        if part["bytes"]
    ]
    by_operation: dict[str, float] = {}
    for _, operation, sent in rows:
        by_operation[operation] = by_operation.get(operation, 0.0) + sent
    name, most = max(by_operation.items(), key=lambda item: item[1])
    return Figure(
        "bytes-per-layer",
        "Bytes of each layer",
        f"{name} sends most over all layers, {most / sum(by_operation.values()):.0%} of all.",
        Columns.of(("layer", "operation", "mb"), rows),
        {
            "height": {"step": 18},
            "mark": {"type": "bar", "height": 13},
            "encoding": {
                "x": {"field": "mb", "type": "quantitative", "title": "MB, both parties"},
                "y": {"field": "layer", "type": "nominal", "title": None, "sort": None},
                "color": {"field": "operation", "type": "nominal", "title": None, "sort": None},
            },
        },
        wide=True,
    )


VIEW: View = PrivateView()
