"""A drafting policy as the runtime's verifier sees it: token by token."""

from dataclasses import dataclass

from ahasd.decoding.asynchronous.coverage import AMUSD_LEAST
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals


@dataclass(slots=True)
class _Round:
    """A batch of the policy inside, and what is known of it."""

    number: int
    length: int = 0
    verified: int = 0
    accepted: int = 0
    seconds: float = 0.0
    closed: bool = False


class TokenByToken(DraftingPolicy):
    """Hands over every token at once, as the asynchronous runtime does when a pass covers all that is pending.

    There a pass waits for two tokens or the end of a batch (`ahasd.decoding.asynchronous.coverage`). So behind a
    corrected text the first tokens are handed over together: two, or one if the policy ends its batch with it;
    from then on the drafter is ahead, and each token goes alone. The policy inside learns of whole batches; the time
    of one is the longest of its parts, near enough since a pass usually covers all of them (ours).

    Parameters
    ----------
    inside
        The policy that the user chose; fresh.
    """

    def __init__(self, inside: DraftingPolicy) -> None:
        super().__init__(maximum_length=AMUSD_LEAST)
        self._inside = inside
        self._handed_over = False
        self._together = 1
        self._number = -1
        self._current = _Round(-1)
        self._rounds: dict[int, _Round] = {}

    def start(self, round: int) -> None:
        """Begin a part of a batch, or, behind a corrected text, a new batch."""
        super().start(round)
        corrected = not self._handed_over
        self._handed_over = False
        self._together = AMUSD_LEAST if corrected else 1
        if corrected or self._current.closed:
            self._number += 1
            self._inside.start(self._number)
            self._current = _Round(self._number)
        self._rounds[round] = self._current

    def verified(self, round: int, drafted: int, accepted: int, seconds: float) -> None:
        """Tell the policy inside once the fate of its whole batch is known."""
        super().verified(round, drafted, accepted, seconds)
        batch = self._rounds[round]
        # Verdicts come in order: what is older was flushed.
        self._rounds = {number: kept for number, kept in self._rounds.items() if number > round}
        batch.verified += drafted
        batch.accepted += accepted
        batch.seconds = max(batch.seconds, seconds)
        if accepted < drafted or (batch.closed and batch.verified >= batch.length):
            self._inside.verified(batch.number, batch.length, batch.accepted, batch.seconds)

    def _ends_batch(self, signals: DraftSignals) -> bool:
        self._current.length += 1
        self._current.closed = self._inside.should_stop(signals)
        self._handed_over = self._current.closed or self._length >= self._together
        return self._handed_over
