"""How far the sweeps of a store are."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ahasd.experiments.sweep.kept import KeptSweep
from ahasd.plain_text import one_line

#: Reasons that are listed in a terminal; an export has all (ours).
REASONS = 5


def status_document(sweeps: Sequence[KeptSweep]) -> dict[str, Any]:
    """The figures for programs: of all sweeps of the store, points that two share counted once, and of each."""
    points = {point.key: point for sweep in sweeps for point in sweep.points}
    together = KeptSweep("", list(points.values()), sum(sweep.computed for sweep in sweeps))
    return {**_counts(together), "sweeps": [{"name": sweep.name, **_counts(sweep)} for sweep in sweeps]}


def status_text(sweeps: Sequence[KeptSweep]) -> str:
    """A sentence for each sweep, and why points have no result."""
    lines = []
    for sweep in sweeps:
        counts = _counts(sweep)
        tail = f", {counts['missing']} to be run" if counts["missing"] else ""
        lines.append(
            f"Sweep {sweep.name}: {counts['done']} of {counts['points']} points done, {counts['failed']} failed"
            f"{tail} ({counts['computed']} computed)."
        )
        lines += failure_lines(sweep)
    return "".join(f"{line}\n" for line in lines)


def failure_lines(sweep: KeptSweep) -> list[str]:
    """Why points have no result, the commonest reason first."""
    reasons = Counter(point.reason for point in sweep.points if point.reason is not None)
    first = {point.reason: point.values for point in reversed(sweep.points)}
    lines = [
        one_line(f"  {count} failed, such as {point_text(first[reason])}: {reason}")
        for reason, count in reasons.most_common(REASONS)
    ]
    left = len(reasons) - REASONS
    return lines + ([f"  and {left} more reasons; `ahasd sweep export` writes all"] if left > 0 else [])


def point_text(values: dict[str, Any]) -> str:
    """A point by its fields."""
    texts = (
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in values.items()
    )
    return ", ".join(texts) or "the only point"


def _counts(sweep: KeptSweep) -> dict[str, int]:
    return {
        "points": len(sweep.points),
        "done": sweep.done,
        "computed": sweep.computed,
        "failed": sweep.failed,
        "refused": sweep.refused,
        "missing": sweep.missing,
    }
