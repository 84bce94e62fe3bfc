"""Published speeds of offloaded experts beside their predictions."""

from typing import Any

from ahasd.validation.field.expert_offload import OffloadReport


def offload_text(report: OffloadReport) -> str:
    """How many rows lie in their interval, and what the others lack."""
    coverage, error = report.coverage, report.median_error
    assert coverage is not None, "asked of reports with predicted rows"
    assert error is not None, "asked of reports with predicted rows"
    text = f"  inside the interval {coverage:.0%} of rows, median error {error:.0%}\n"
    return text + "".join(f"  {name}: not predictable, {lacks}\n" for name, lacks in report.unpredictable)


def offload_json(report: OffloadReport, rows: bool) -> dict[str, Any]:
    """The same for programs."""
    entry: dict[str, Any] = {
        "coverage": report.coverage,
        "median_error": report.median_error,
        "not_predicted": len(report.unpredictable),
        "not_predictable": dict(report.unpredictable),
    }
    if rows:
        entry["all"] = [
            {
                **dict(row.row),
                "measured": row.measured,
                "predicted": row.predicted,
                "low": placement.low,
                "high": placement.high,
                "error": row.error,
            }
            for row, placement in zip(report.comparisons, report.placements, strict=True)
        ]
    return entry
