"""A parameter over its values, and where the published figure is met between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ahasd.claims.claim import Claim, Parameter
from ahasd.claims.verdict import ClaimVerdict, Judged


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a parameter.

    Attributes
    ----------
    series
        Points that one line connects: the precision of the GPU; empty for the other parameters.
    label
        The value, for a reader.
    x
        The value as a number; None for a name.
    judged
        What the claim comes to there.
    """

    series: str
    label: str
    x: float | None
    judged: Judged


@dataclass(frozen=True, slots=True)
class Sweep:
    """A parameter over its values, and as run.

    Attributes
    ----------
    quantity
        What ``x`` is.
    unit
        Of ``x``.
    """

    parameter: Parameter
    quantity: str
    unit: str
    points: tuple[Point, ...]

    @property
    def series(self) -> dict[str, list[Point]]:
        """The points that one line connects, by the name of the line."""
        found: dict[str, list[Point]] = {}
        for point in self.points:
            found.setdefault(point.series, []).append(point)
        return found

    def flips(self, claim: Claim[Any]) -> bool:
        """Whether the verdict depends on it: its points do not agree, or the figure is met between two."""
        verdicts = {point.judged.verdict for point in self.points if point.judged.value is not None}
        between = ClaimVerdict.HOLDS not in verdicts and any(
            meeting(line, claim) for line in self.series.values()
        )
        return len(verdicts) > 1 or between


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a line of points meets the published figure.

    Attributes
    ----------
    least, most
        The ends of the values at which the claim can run.
    stretches
        Of :func:`meeting`; empty if the figure is met at no value.
    """

    least: float
    most: float
    stretches: tuple[tuple[float, float], ...]


def meeting(points: Sequence[Point], claim: Claim[Any]) -> list[tuple[float, float]]:
    """Stretches of ``x`` on which the mean, a straight line between points, meets the published figure.

    Points that cannot run are left out; the ends of a stretch are interpolated.
    """
    band = claim.band
    assert band is not None
    known = sorted(
        (point.x, point.judged.value.mean)
        for point in points
        if point.x is not None and point.judged.value is not None
    )
    stretches: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(known):
        # The shares of the way from one point to the next at which the line enters and leaves the band.
        if y0 == y1:
            enter, leave = (0.0, 1.0) if band.low <= y0 <= band.high else (1.0, 0.0)
        else:
            ends = sorted(((band.low - y0) / (y1 - y0), (band.high - y0) / (y1 - y0)))
            enter, leave = max(0.0, ends[0]), min(1.0, ends[1])
        if enter > leave:
            continue
        low, high = x0 + enter * (x1 - x0), x0 + leave * (x1 - x0)
        if stretches and stretches[-1][1] == low:
            stretches[-1] = stretches[-1][0], high
        else:
            stretches.append((low, high))
    return stretches


def holding(points: Sequence[Point]) -> list[str]:
    """Labels of the points at which the claim holds."""
    return [point.label for point in points if point.judged.verdict is ClaimVerdict.HOLDS]


def met(points: Sequence[Point], claim: Claim[Any]) -> Meeting | None:
    """Where the figure is met among the values at which it can run; None if it can run at none of them."""
    known = [point.x for point in points if point.x is not None and point.judged.value is not None]
    return Meeting(min(known), max(known), tuple(meeting(points, claim))) if known else None
