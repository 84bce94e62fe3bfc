"""What a comparison of systems of a family other than speculation looks like: bars for each figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from ahasd.errors import AhasdError
from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Document, Shown, View, Window
from ahasd.report.table import Table, left, right

#: Keys of a run that are not figures.
NAMES = ("system", "hardware", "varied")


class FamilyComparisonView(View):
    """Work a second, joules, and the family's own figures of each run."""

    name = "family comparison"
    page = "report.md"

    def reads(self, document: Document) -> bool:
        """Whether this is what ``ahasd compare`` writes as ``ranking.json`` of such a family."""
        return "ranking" in document and "unit" in document and "sentences" in document

    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """The sentence, a row for each run, and bars."""
        try:
            return _shown(document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AhasdError(f"a comparison that `ahasd compare` did not write: {error!r}") from error


def _shown(document: Document) -> Shown:
    runs, unit = document["ranking"], document["unit"]
    names = _names(runs)
    titles = {"work_per_second": f"{unit}s/s", "joules": f"J/{unit}"}
    figures = {key: titles.get(key, key) for run in runs for key in run if key not in NAMES}
    rows = [
        (name, *("" if run.get(key) is None else f"{float(run[key]):.4g}" for key in figures))
        for name, run in zip(names, runs, strict=True)
    ]
    refused = [
        f"{one['system']} on {one['hardware']} cannot run: {one['reason']}" for one in document["refused"]
    ]
    drawn = (
        _figure(number, title, key, names, runs) for number, (key, title) in enumerate(figures.items(), 1)
    )
    return Shown(
        sentence=" ".join(document["sentences"]),
        title=f"Comparison of {len(runs)} runs",
        tables=(Table((*left("run"), *right(*figures.values())), rows),),
        figures=tuple(figure for figure in drawn if figure is not None),
        notes=(*refused, *document["notes"]),
    )


def _names(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    several = len({run["hardware"] for run in runs}) > 1
    return [
        ", ".join(
            [
                str(run["system"]),
                *([str(run["hardware"])] if several else []),
                *(f"{key}={value}" for key, value in run["varied"].items()),
            ]
        )
        for run in runs
    ]


def _figure(
    number: int, title: str, key: str, names: Sequence[str], runs: Sequence[Mapping[str, Any]]
) -> Figure | None:
    known = [
        (name, float(run[key])) for name, run in zip(names, runs, strict=True) if run.get(key) is not None
    ]
    if not known:
        return None
    low, high = (end(known, key=lambda one: one[1]) for end in (min, max))
    return Figure(
        f"figure-{number}",
        title[0].upper() + title[1:],
        f"From {low[1]:.4g} ({low[0]}) to {high[1]:.4g} ({high[0]}).",
        Columns.of(("run", "value"), known),
        bars("run", "value", title),
    )


VIEW: View = FamilyComparisonView()
