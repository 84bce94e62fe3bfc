"""Published speed-ups beside predictions, as text and JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.validation.field.scores import PredictedRun, Scores, scores
from ahasd.validation.field.speculation import FieldReport, FieldRow


def field_json(report: FieldReport, rows: bool) -> dict[str, Any]:
    """Scores from figures alone at the top; the textbook's and those from measured passes under their names."""
    measured = [row.measured for row in report.rows if row.measured is not None]
    entry: dict[str, Any] = {
        **_scores_json([row.predicted for row in report.rows]),
        "textbook": _scores_json([row.textbook for row in report.rows]),
        "measured": _scores_json(measured) if measured else None,
        "not_predictable": {name: lacks for name, lacks in report.unpredictable},
    }
    if rows:
        entry["all"] = [_row_json(row) for row in report.rows]
    return entry


def field_text(report: FieldReport, rows: bool) -> str:
    """The scores, and with ``rows`` a line for each row, those that cannot be predicted last."""
    columns = (
        *left(f"  {report.name}", least=26),
        *right("rows", "committed", "sign right", "mean error", "coverage", "alone", least=6),
    )
    lines = [_score_line(name, found) for name, found in _modes(report.rows)]
    text = fitted(Table(columns, lines))
    if not rows:
        return text
    columns = (
        *left("  row"),
        *right("predicted", "80 % interval", "published", "textbook", "measured"),
        *left("source"),
    )
    text += "\n" + fitted(Table(columns, [_row_line(row) for row in report.rows]))
    return text + "".join(f"  {name}: not predictable, {lacks}\n" for name, lacks in report.unpredictable)


def _modes(rows: Sequence[FieldRow]) -> list[tuple[str, Scores]]:
    measured = [row.measured for row in rows if row.measured is not None]
    modes = [
        ("  from figures", scores([row.predicted for row in rows])),
        ("  textbook", scores([row.textbook for row in rows])),
    ]
    return [*modes, *([("  from measured passes", scores(measured))] if measured else [])]


def _score_line(name: str, found: Scores) -> tuple[str, ...]:
    shares = found.committed, found.sign_right, found.mean_error, found.coverage, found.alone_error
    return name, str(found.rows), *("" if share is None else f"{share:.0%}" for share in shares)


def _row_line(row: FieldRow) -> tuple[str, ...]:
    run = row.predicted
    return (
        f"  {row.name}",
        f"{run.mean:.2f}",
        f"{run.low:.2f} to {run.high:.2f}",
        f"{run.published:.2f}",
        f"{row.textbook.mean:.2f}",
        f"{row.measured.mean:.2f}" if row.measured is not None else "",
        row.source,
    )


def _scores_json(runs: Sequence[PredictedRun]) -> dict[str, Any]:
    return asdict(scores(runs))


def _row_json(row: FieldRow) -> dict[str, Any]:
    run = row.predicted
    return {
        "row": row.name,
        "source": row.source,
        "published": run.published,
        "speedup": {"mean": run.mean, "low": run.low, "high": run.high},
        "textbook": row.textbook.mean,
        "measured": row.measured.mean if row.measured is not None else None,
        "alone": run.alone,
        "published_alone": run.published_alone,
    }
