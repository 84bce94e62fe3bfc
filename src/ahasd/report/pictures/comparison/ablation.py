"""What an ablation looks like: the parts of AHASD, one after the other."""

from collections.abc import Mapping
from typing import Any

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Details
from ahasd.report.pictures.comparison.interval_figure import interval_figure
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

#: A figure of every stage.
METRICS = (
    ("tokens_per_second", "Speed, part by part", "tokens/s"),
    ("joules_per_token", "Energy, part by part", "J/token"),
)


class AblationView(View):
    """Speed and energy of each stage."""

    name = "ablation"
    page = "report.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd ablation`` writes as ``ablation.json``."""
        return "systems" in document and "sentences" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """The sentences, a row for each stage, and bars."""
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AhasdError(f"an ablation that `ahasd ablation` did not write: {error!r}") from error


def _shown(document: Document) -> Shown:
    systems: Mapping[str, Mapping[str, Any]] = document["systems"]
    rows, figures = [], []
    for system in systems.values():
        if system["tokens_per_second"] is not None:
            energy = system["joules_per_token"]
            rows.append(
                (
                    str(system["title"]),
                    f"{system['tokens_per_second']['mean']:.4g}",
                    "" if energy is None else f"{energy['mean']:.3g}",
                )
            )
    for metric, title, unit in METRICS:
        figure = _figure(systems, metric, title, unit)
        if figure is not None:
            figures.append(figure)
    return Shown(
        sentence=" ".join(document["sentences"]),
        title="Ablation",
        tables=(Table((*left("stage"), *right("tokens/s", "J/token")), rows),),
        figures=tuple(figures),
        notes=(*document.get("refused", []), *document.get("notes", [])),
    )


def _figure(systems: Mapping[str, Mapping[str, Any]], metric: str, title: str, unit: str) -> Figure | None:
    rows = [
        (str(system["title"]), *_ends(system[metric]))
        for system in systems.values()
        if system[metric] is not None
    ]
    if not rows:
        return None
    one = all(system[metric]["cells"] == 1 for system in systems.values() if system[metric] is not None)
    lines = "95 % intervals over seeds" if one else "from the least to the most of pairs and algorithms"
    return interval_figure(f"ablation-{metric.replace('_', '-')}", title, unit, rows, lines)


def _ends(found: Mapping[str, Any]) -> tuple[float, float, float]:
    """Of one cell the interval over its seeds, of several the least and the most."""
    mean, over_seeds = float(found["mean"]), found["over_seeds"]
    if over_seeds is None:
        return mean, float(found["least"]), float(found["most"])
    half = float(over_seeds["half_width"] or 0.0)
    return mean, mean - half, mean + half


VIEW: View = AblationView()
