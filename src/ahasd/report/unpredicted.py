"""Files of measurements of which no row is predicted, as text and JSON."""

from collections.abc import Sequence
from typing import Any

from ahasd.validation.reference import FileReport


def predicted_of(reports: Sequence[FileReport]) -> list[FileReport]:
    """Files of which rows are predicted."""
    return [report for report in reports if report.comparisons]


def unpredicted_of(reports: Sequence[FileReport]) -> list[FileReport]:
    """Files of which no row is."""
    return [report for report in reports if not report.comparisons]


def unpredicted_lines(reports: Sequence[FileReport]) -> str:
    """Every row of files of which none is predicted."""
    return "".join(
        f"  {report.name}, {name}: not predicted here: {why}\n"
        for report in unpredicted_of(reports)
        for name, why in report.unpredictable
    )


def unpredicted_json(report: FileReport) -> dict[str, Any]:
    """How many rows, and why each has no prediction."""
    why = dict(report.unpredictable)
    return {"rows": 0, "not_predicted": len(why), "not_predictable": why}
