"""How good predictions of speed-ups are, in the terms of somebody who must decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

#: A speed-up within this of 1 is neither faster nor slower.
EVEN = 0.03


@dataclass(frozen=True, slots=True)
class PredictedRun:
    """A published speed-up beside a prediction.

    Attributes
    ----------
    low, high
        Of the stated interval; the mean itself where none is stated.
    alone, published_alone
        Tokens per second of the target alone; None where not predicted or not published.
    """

    published: float
    mean: float
    low: float
    high: float
    alone: float | None = None
    published_alone: float | None = None

    @property
    def error(self) -> float:
        """Relative error, a fraction; positive when the prediction is too high."""
        return self.mean / self.published - 1

    @property
    def is_committed(self) -> bool:
        """Whether it says faster or slower."""
        return self.low > 1 or self.high < 1

    @property
    def is_judged(self) -> bool:
        """Whether what it says can be right or wrong."""
        return self.is_committed and abs(self.published - 1) > EVEN


@dataclass(frozen=True, slots=True)
class Scores:
    """Of some runs; what cannot be told is None.

    Attributes
    ----------
    committed
        Share of runs of which it is said whether they are faster or slower.
    sign_right
        Share of those, runs within `EVEN` of 1 left out, where that is true.
    mean_error
        Mean absolute relative error, a fraction.
    coverage
        Share of runs inside the interval.
    alone_error
        Median absolute relative error of the target alone.
    """

    rows: int
    committed: float
    sign_right: float | None
    mean_error: float
    coverage: float | None
    alone_error: float | None


def scores(runs: Sequence[PredictedRun]) -> Scores:
    """Judge at least one run."""
    judged = [(run.mean > 1) == (run.published > 1) for run in runs if run.is_judged]
    stated = [run.low <= run.published <= run.high for run in runs if run.low < run.high]
    alone = [abs(run.alone / run.published_alone - 1) for run in runs if run.alone and run.published_alone]
    return Scores(
        rows=len(runs),
        committed=fmean(run.is_committed for run in runs),
        sign_right=fmean(judged) if judged else None,
        mean_error=fmean(abs(run.error) for run in runs),
        coverage=fmean(stated) if stated else None,
        alone_error=median(alone) if alone else None,
    )
