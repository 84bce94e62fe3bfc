"""Mean and 95 % confidence interval of a few runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import gamma, pi, sqrt
from statistics import fmean, stdev


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the half width of its 95 % interval (None for a single run)."""

    mean: float
    half_width: float | None

    def text(self, digits: int) -> str:
        """Write it as ``mean ± half``."""
        if self.half_width is None:
            return f"{self.mean:.{digits}f}"
        return f"{self.mean:.{digits}f} ± {self.half_width:.{digits}f}"


def interval(values: Sequence[float]) -> Interval:
    """Student's interval of the mean."""
    if len(values) < 2:
        return Interval(values[0], None)
    return Interval(fmean(values), student_quantile(len(values) - 1) * stdev(values) / sqrt(len(values)))


@cache
def student_quantile(freedom: int, probability: float = 0.975) -> float:
    """Quantile of Student's t distribution, by bisection of its integrated density (Simpson's rule)."""
    constant = gamma((freedom + 1) / 2) / (sqrt(freedom * pi) * gamma(freedom / 2))

    def above_zero(limit: float, pieces: int = 512) -> float:
        width = limit / pieces
        total = 0.0
        for index in range(pieces + 1):
            weight = 1 if index in (0, pieces) else 4 if index % 2 else 2
            total += weight * (1 + (index * width) ** 2 / freedom) ** (-(freedom + 1) / 2)
        return constant * total * width / 3

    low, high = 0.0, 64.0
    for _ in range(60):
        middle = (low + high) / 2
        if 0.5 + above_zero(middle) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
