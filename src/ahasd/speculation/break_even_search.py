"""The acceptance rate at which speculation is as fast as the target alone, by bisection."""

from collections.abc import Callable
from dataclasses import dataclass

#: A run at an acceptance level gives its duration, in any one unit, and the acceptance rate that it met. The levels
#: are those of `RolloutTrace.with_acceptance`: from -1, where every draft is rejected, to 1, where none is.
LevelRun = Callable[[float], tuple[float, float]]

#: Up to which the level is searched: the rate of a few hundred tokens tells no more (ours).
LEVEL_TOLERANCE = 1 / 128


@dataclass(frozen=True, slots=True)
class BreakEvenRate:
    """The acceptance rate from which speculation pays.

    Attributes
    ----------
    acceptance
        None if no acceptance is enough, or any.
    always
        Whether any is enough.
    """

    acceptance: float | None
    always: bool


def search_break_even(run: LevelRun, limit: float, tolerance: float = LEVEL_TOLERANCE) -> BreakEvenRate:
    """Search the acceptance rate at which a run lasts as long as a limit.

    Parameters
    ----------
    run
        Lasts the shorter, the higher the level.
    limit
        Duration of the target alone, in the unit of ``run``.
    tolerance
        Width of the levels that the search ends with.
    """
    if run(-1.0)[0] <= limit:
        return BreakEvenRate(None, always=True)
    if run(1.0)[0] > limit:
        return BreakEvenRate(None, always=False)
    return BreakEvenRate(bisect_acceptance(run, limit, tolerance), always=False)


def bisect_acceptance(run: LevelRun, limit: float, tolerance: float = LEVEL_TOLERANCE) -> float:
    """Bisect the level where there is a break-even; parameters as of `search_break_even`.

    Returns
    -------
    float
        The acceptance rate half way between the last run that was fast enough and the last that was not.
    """
    low, high, losing, paying = -1.0, 1.0, 0.0, 1.0
    while high - low > tolerance:
        middle = (low + high) / 2
        duration, acceptance = run(middle)
        if duration <= limit:
            high, paying = middle, acceptance
        else:
            low, losing = middle, acceptance
    return (losing + paying) / 2
