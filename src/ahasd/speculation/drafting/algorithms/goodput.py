"""The draft length by measured goodput, none where none pays (ours; after SmartSpec, arXiv 2406.14066)."""

from collections.abc import Mapping
from typing import ClassVar

from ahasd.speculation.drafting.algorithm import Algorithm, Parameter
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals

#: Weight of the newest round in the mean seconds of its length, and of what went before in the acceptance (ours).
NEWEST, KEPT = 0.2, 0.95

#: What is taken for the acceptance rate before any verdict, and how many verdicts that counts for (ours).
PRIOR_RATE, PRIOR_WEIGHT = 0.6, 2.0

#: By what share a round is expected to last longer for every token beyond the longest that was measured (ours;
#: optimistic, so that a length is tried before it is ruled out).
UNTRIED = 0.02

#: Rounds without drafts before the draft is tried again, at first and at most; each trial that does not pay doubles
#: the wait. A trial takes two rounds: in the first the draft takes in what it missed, so its time says nothing. Where
#: seconds are expected it is there for the verdict alone, and takes one.
WAIT, LONGEST_WAIT, TRIAL = 48, 384, 2

#: Drafting rounds between two without drafts, which keep what the target alone takes up to date (ours).
REFRESH = 32


class Goodput(DraftingPolicy):
    """Drafts as many tokens as yield most tokens a second by its own measurements, and none if that is best.

    A round that drafts k tokens yields 1 + a + … + aᵏ of them, where a is the share of judged tokens that were
    accepted lately; what it takes is the aged mean over rounds of that length, between measured lengths in
    proportion. A length that is cheaper than shorter ones is not found where those do not pay. Where drafts cannot be
    left out (`asynchronous`), it drafts one token at least.

    What it is told to expect stands in for lengths that were not measured yet, as a shape: as much longer or
    shorter as the nearest lengths that were. Without, it tries a long batch first, which costs a short text some
    percent where drafting does not pay.

    Parameters
    ----------
    longest
        Tokens of a batch at most.
    """

    expects_seconds: ClassVar[bool] = True

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self._expected: dict[int, float] = {}
        self.rate_weight = PRIOR_WEIGHT
        self.rate_sum = PRIOR_RATE * PRIOR_WEIGHT
        self.seconds: dict[int, float] = {}
        self._chosen = 1
        self._plain = self._drafting = 0
        self._wait, self._trial = WAIT, 0

    @property
    def acceptance_rate(self) -> float:
        """Of the tokens that were judged lately."""
        return self.rate_sum / self.rate_weight

    def drafts(self) -> bool:
        """Whether this round drafts: it pays, or it is time to look whether it does."""
        if not (self.seconds or self._expected) or self._drafting >= REFRESH:
            return False
        if self._trial:
            return True
        if self.best_length() > 0:
            self._wait = WAIT
            return True
        if self._plain < self._wait:
            return False
        self._trial, self._wait = 1 if self._expected else TRIAL, min(2 * self._wait, LONGEST_WAIT)
        return True

    def expect(self, seconds: Mapping[int, float]) -> None:
        """Take over what was measured before; lengths between are on a line."""
        self._expected = {length: each for length, each in seconds.items() if each > 0}

    def passed_alone(self, seconds: float) -> None:
        """Learn what a round without drafts takes."""
        self._drafting = 0
        self._plain += 1
        self._measured(0, seconds)

    def start(self, round: int) -> None:
        """Choose the length of the batch."""
        super().start(round)
        self._chosen = max(1, self.best_length())

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Learn from a round; see `DraftingPolicy.verified`."""
        super().verified(round, drafted, accepted, seconds)
        judged = min(accepted + 1, drafted)
        self.rate_sum = KEPT * self.rate_sum + accepted
        self.rate_weight = KEPT * self.rate_weight + judged
        self._trial = max(0, self._trial - 1)
        self._drafting += 1
        behind, self._plain = self._plain > 1, 0
        if not behind or drafted not in self.seconds:
            self._measured(drafted, seconds)

    def best_length(self) -> int:
        """Tokens to draft for most tokens a second, 0 for none; the shorter of equals."""
        return max(range(self.maximum_length + 1), key=lambda length: (self._goodput(length), -length))

    def _goodput(self, length: int) -> float:
        rate = min(self.acceptance_rate, 1.0)
        return sum(rate**offset for offset in range(length + 1)) / self._expected_seconds(length)

    def _expected_seconds(self, length: int) -> float:
        if self._expected:
            levels = {known: took / _known(self._expected, known) for known, took in self.seconds.items()}
            return _known(self._expected, length) * (_between(levels, length) if levels else 1.0)
        return _known(self.seconds, length) if self.seconds else 1.0

    def _measured(self, length: int, seconds: float) -> None:
        if seconds <= 0:
            return  # a clock too coarse to say anything
        known = self.seconds.get(length, seconds)
        self.seconds[length] = known + NEWEST * (seconds - known)

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return self._length >= self._chosen


def _known(seconds: Mapping[int, float], length: int) -> float:
    """Give the seconds of a length; beyond the longest that is known `UNTRIED` more for every token."""
    return _between(seconds, length) * (1.0 + UNTRIED * max(0, length - max(seconds)))


def _between(values: Mapping[int, float], length: int) -> float:
    """Give what is known of a length, else what lies on the line between its neighbours, or the nearest."""
    below = max((known for known in values if known <= length), default=None)
    above = min((known for known in values if known >= length), default=None)
    if below is None or above is None:
        return values[min(values) if below is None else max(values)]
    share = (length - below) / (above - below) if above > below else 0.0
    return values[below] * (1 - share) + values[above] * share


GOODPUT = Algorithm(
    name="goodput",
    description="the length that yields most tokens a second as measured in this run, none where none pays (ours)",
    parameters=(Parameter("longest", 8, "ours", low=1, high=1024, integer=True),),
    build=lambda parameters: Goodput(int(parameters["longest"])),
    length_limit="longest",
    positional="longest",
)
