"""What a comparison looks like: a bar for each cell, with its interval."""

from collections.abc import Mapping, Sequence
from typing import Any

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Details
from ahasd.report.pictures.comparison.interval_figure import interval_figure
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

#: A figure of every cell: its name in the document, title, and unit.
METRICS = (
    ("tokens_per_second", "How fast", "tokens/s", True),
    ("joules_per_token", "Energy of a token", "J/token", False),
    ("speedup_over_best_alone", "Over the target alone where it is fastest", "times", True),
)


class RankingView(View):
    """Speed, energy and gain of each cell, target by target."""

    name = "comparison"
    page = "scale.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd compare`` writes as ``ranking.json``."""
        return "targets" in document and "sentences" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """The sentences, the best of each target, and bars."""
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AhasdError(f"a comparison that `ahasd compare` did not write: {error!r}") from error


def _shown(document: Document) -> Shown:
    tables: list[Table] = []
    figures: list[Figure] = []
    targets: Sequence[Mapping[str, Any]] = document["targets"]
    for number, target in enumerate(targets):
        cells = target["ranking"]
        names = cell_names(cells)
        tables.append(_table(target["target"], cells, names))
        for metric, title, unit, most_first in METRICS:
            rows = [
                (name, *_ends(cell[metric]))
                for name, cell in zip(names, cells, strict=True)
                if cell.get(metric) is not None
            ]
            if rows:
                rows.sort(key=lambda row: row[1], reverse=most_first)
                stem = f"{metric.replace('_', '-')}{'' if len(targets) == 1 else f'-{number + 1}'}"
                figures.append(interval_figure(stem, f"{title}: {target['target']}", unit, rows))
    refused = document.get("refused", [])
    notes = [*(f"{one['system']} on {one['hardware']} cannot run: {one['reason']}" for one in refused)]
    return Shown(
        sentence=" ".join(document["sentences"]),
        title=f"Comparison of {sum(len(target['ranking']) for target in targets)} cells",
        tables=tuple(tables),
        figures=tuple(figures),
        notes=(*notes, *document.get("notes", [])),
        asked={"targets": [target["target"] for target in targets]},
    )


def cell_names(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """What tells cells apart, in few words."""
    several = {name for name in ("hardware", "pair", "algorithm") if len({cell[name] for cell in cells}) > 1}
    return [
        ", ".join(
            [
                str(cell["system"]),
                *(
                    str(cell[name])
                    for name in ("algorithm", "pair", "hardware")
                    if name in several and cell[name]
                ),
                *(f"{key}={value}" for key, value in cell["varied"].items()),
            ]
        )
        for cell in cells
    ]


def _table(target: str, cells: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    def text(found: Mapping[str, float] | None, digits: str) -> str:
        return "" if found is None else f"{found['mean']:{digits}}"

    rows = [
        (
            name,
            text(cell["tokens_per_second"], ".4g"),
            text(cell["joules_per_token"], ".3g"),
            text(cell["speedup_over_best_alone"], ".2f"),
            text(cell["draft_acceptance_rate"], ".2f"),
        )
        for name, cell in zip(names, cells, strict=True)
    ]
    return Table(
        (*left("cell"), *right("tokens/s", "J/token", "/ alone", "accept.")), rows, title=f"Target {target}"
    )


def _ends(found: Mapping[str, float | None]) -> tuple[float, float, float]:
    mean, half = found["mean"], found["half_width"] or 0.0
    assert mean is not None, "an interval has a mean"
    return mean, mean - half, mean + half


VIEW: View = RankingView()
