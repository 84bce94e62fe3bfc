"""Several runs side by side."""

from collections.abc import Sequence

from ahasd.report.page.results import Results
from ahasd.report.pictures.bars import bars
from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.view import Shown
from ahasd.report.table import Table, left, right

#: Figures of a run, where it has them: name in the document, title, unit.
METRICS = (
    ("tokens_per_second", "How fast each run is", "tokens/s"),
    ("joules_per_token", "Energy of a token in each run", "J/token"),
)


def overview(results: Sequence[Results]) -> Shown | None:
    """Runs of one page against each other; None where there are not two that write tokens."""
    runs = [one for one in results if _number(one, "tokens_per_second") is not None]
    if len(runs) < 2:
        return None
    best = max(runs, key=lambda one: _number(one, "tokens_per_second") or 0.0)
    rows = [
        (
            one.name,
            str(one.document.get("system", "")),
            str(one.document.get("hardware", "")),
            _text(one, "tokens_per_second", ".4g"),
            _text(one, "joules_per_token", ".3g"),
        )
        for one in runs
    ]
    figures = []
    for metric, title, unit in METRICS:
        known = [(one.name, value) for one in runs if (value := _number(one, metric)) is not None]
        if known:
            says = f"From {min(value for _, value in known):.4g} to {max(value for _, value in known):.4g} {unit}."
            stem = "runs-" + metric.replace("_", "-")
            figures.append(
                Figure(stem, title, says, Columns.of(("run", metric), known), bars("run", metric, unit))
            )
    return Shown(
        sentence=f"Fastest of {len(runs)} runs: {best.name}, {_text(best, 'tokens_per_second', '.4g')} tokens/s.",
        title="Runs side by side",
        tables=(Table((*left("run", "system", "hardware"), *right("tokens/s", "J/token")), rows),),
        figures=tuple(figures),
    )


def _number(one: Results, name: str) -> float | None:
    value = one.document.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(one: Results, name: str, form: str) -> str:
    value = _number(one, name)
    return "" if value is None else format(value, form)
