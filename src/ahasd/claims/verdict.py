"""Whether a published figure holds: one criterion for every claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from ahasd.claims.condition import Condition
from ahasd.claims.measuring.value import Value

#: A published figure is met within this share of it (ours): the largest single error that our models are allowed
#: against reference measurements is 12 % (``ahasd validate``), the errors of whole runs are below 10 %.
TOLERANCE = 0.10

CRITERION = (
    f"A figure holds if our whole interval lies within {TOLERANCE:.0%} of the published one, and does not hold if "
    "none of the interval does; in between the verdict is open. A change in per cent is judged as the ratio that it "
    "makes (-25.1 % is 0.749); an upper limit has no tolerance. The interval is that of 95 % over seeds; for energy "
    "and power it spans all corners of the ranges of the energy constants, durations kept, for areas all rules of "
    "scaling, from cells alone to loosely placed ones. Other conditions are those that the sources leave possible, "
    "with these ranges fixed: what holds only under one of them holds if it is met. So does, at best, what hangs on "
    "the acceptance of models that were not run: the trace is that of SmolLM2-135M and a draft of half of its bytes."
)


class ClaimVerdict(StrEnum):
    """What our models say of a claim."""

    HOLDS = "holds"
    HOLDS_IF = "holds-if"
    OPEN = "open"
    DOES_NOT_HOLD = "does-not-hold"
    NOT_TESTABLE = "not-testable"


@dataclass(frozen=True, slots=True)
class Band:
    """The values with which a published figure is met, ends included."""

    low: float
    high: float

    def judge(self, value: Value) -> ClaimVerdict:
        """Compare an interval with the band: inside, outside, or across an end."""
        if self.low <= value.low and value.high <= self.high:
            return ClaimVerdict.HOLDS
        if value.high < self.low or self.high < value.low:
            return ClaimVerdict.DOES_NOT_HOLD
        return ClaimVerdict.OPEN


def around(published: float) -> Band:
    """The band of a published figure, which must be positive."""
    return Band(published * (1 - TOLERANCE), published * (1 + TOLERANCE))


def below(limit: float) -> Band:
    """The band of "under": any value up to the limit."""
    return Band(-inf, limit)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a claim comes to under a condition; without a value, why it cannot run there."""

    condition: Condition
    value: Value | None
    verdict: ClaimVerdict
    refused: str = ""


def overall(
    base: ClaimVerdict, others: Sequence[ClaimVerdict], capped: bool, refutable: bool = True
) -> ClaimVerdict:
    """Sum a claim up.

    Parameters
    ----------
    base
        Under the default condition.
    others
        Under the other conditions.
    capped
        Whether the claim hangs on an acceptance that was not measured on its own models.
    refutable
        Whether a figure that does not meet it says anything.
    """
    if base is ClaimVerdict.NOT_TESTABLE and all(other is base for other in others):
        return base
    if base is ClaimVerdict.HOLDS:
        return ClaimVerdict.HOLDS_IF if capped else ClaimVerdict.HOLDS
    if ClaimVerdict.HOLDS in others:
        return ClaimVerdict.HOLDS_IF
    if not refutable:
        return ClaimVerdict.NOT_TESTABLE
    return ClaimVerdict.OPEN if ClaimVerdict.OPEN in (base, *others) else ClaimVerdict.DOES_NOT_HOLD
