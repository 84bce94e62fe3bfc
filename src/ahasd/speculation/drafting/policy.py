"""What every drafting policy does: decide, token by token, when a draft batch is long enough."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from ahasd.traces.rollout.walk import DraftSignals


class DraftingPolicy(ABC):
    """Decides when the drafter stops and hands its batch to the verifier.

    Life cycle. For each batch the drafter calls ``start(round)``, drafts a token, asks
    ``should_stop(signals)`` about it, and goes on until the answer is yes; the token that triggers the stop
    is kept (SVIP, arXiv 2411.18462). When the verdict on a batch arrives the owner calls
    ``verified(round, ...)``. In serial decoding that comes before the next ``start``; in asynchronous
    decoding the drafter runs ahead, so ``start(round + 1)`` precedes ``verified(round)`` and several rounds
    are in flight. Verdicts come in the order of their rounds; a round whose draft was flushed unverified gets
    no call. What a verdict teaches takes effect from the next token on. `DraftBatches` makes these calls, for every
    schedule and for the runtime. Where draft and target take turns, ``drafts()`` is asked before each round, and a
    round that drafts nothing ends with ``passed_alone(seconds)``. Who has measured what rounds take calls ``expect``
    first; a policy does without, too.

    A policy knows tokens and verdicts, never the hardware. It holds all its state itself, so two instances
    share nothing, and the same calls give the same answers.

    To add an algorithm, subclass in a file of its own, implement ``_ends_batch`` (and extend ``verified`` or
    ``start`` if it learns), describe it in an `Algorithm` and name that in `catalogue`.

    Parameters
    ----------
    maximum_length
        Longest batch in tokens; the stop is forced there.

    Raises
    ------
    ValueError
        If `maximum_length` is below 1 (the specification refuses it earlier, with a message for the user).

    Attributes
    ----------
    asks_seconds
        Whether what it does may depend on the seconds that ``verified`` tells it. One that never looks at them says
        so, and its serial runs are worked out for other machines without asking it again.
    expects_seconds
        Whether ``expect`` teaches it anything, so that it is worth measuring what that takes.
    """

    asks_seconds: ClassVar[bool] = True
    expects_seconds: ClassVar[bool] = False

    def __init__(self, maximum_length: int) -> None:
        if maximum_length < 1:
            raise ValueError(f"a batch holds at least one token, not {maximum_length}")
        self.maximum_length = maximum_length
        self._length = 0

    def drafts(self) -> bool:
        """Whether the coming round drafts at all; always, unless a policy knows better."""
        return True

    def expect(self, seconds: Mapping[int, float]) -> None:  # noqa: B027  # most learn nothing from it
        """Learn before the first round what rounds will take, by the number of their drafted tokens."""

    def passed_alone(self, seconds: float) -> None:  # noqa: B027  # most learn nothing from it
        """Learn that a round without drafts took so long."""

    def start(self, round: int) -> None:
        """Begin the batch of this round; the count of its tokens starts at zero."""
        self._length = 0

    def should_stop(self, signals: DraftSignals) -> bool:
        """Whether the batch ends with the token just drafted (which is kept)."""
        self._length += 1
        # The rule is asked even at the maximum, so that a policy that accumulates sees every token.
        ends = self._ends_batch(signals)
        return ends or self._length >= self.maximum_length

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Learn the verdict on a round.

        Parameters
        ----------
        round
            The number that was given to ``start``.
        drafted
            Tokens of the batch, at least 1.
        accepted
            Leading tokens that the target accepted, 0 to `drafted`.
        seconds
            Simulated or measured time the round took.

        Raises
        ------
        ValueError
            If the counts are impossible.
        """
        if drafted < 1 or not 0 <= accepted <= drafted:
            raise ValueError(f"round {round}: {accepted} accepted of {drafted} drafted tokens is impossible")

    @abstractmethod
    def _ends_batch(self, signals: DraftSignals) -> bool:
        """Whether the algorithm's own rule ends the batch with this token (the maximum is seen to above)."""
