"""Entropy-history-aware drafting control (EDC): draft ahead, or ask whether to pre-verify."""

from collections import deque
from dataclasses import dataclass

from ahasd.control.edc_options import EntropyDraftControlOptions

__all__ = ["EdcPrediction", "EdcStatistics", "EntropyDraftControl", "EntropyDraftControlOptions"]


@dataclass(slots=True)
class EdcPrediction:
    """What EDC said after a batch; it travels with the batch through the queue.

    Attributes
    ----------
    index
        The counter that was read, to be trained by the verdict.
    keep_drafting
        True: draft ahead. False: ask TVC whether the PIM should pre-verify.
    """

    index: int
    keep_drafting: bool


@dataclass(slots=True)
class EdcStatistics:
    """Decisions, and those whose batch met a verdict against it (a flushed batch never does).

    Attributes
    ----------
    continued, stopped
        Decisions to keep drafting, and not to.
    continued_accepted, continued_rejected, stopped_accepted, stopped_rejected
        By decision and whether the batch was accepted in full.
    """

    continued: int = 0
    stopped: int = 0
    continued_accepted: int = 0
    continued_rejected: int = 0
    stopped_accepted: int = 0
    stopped_rejected: int = 0

    @property
    def decisions(self) -> int:
        """Batches that a decision followed."""
        return self.continued + self.stopped

    @property
    def judged(self) -> int:
        """Decisions whose batch met a verdict."""
        return (
            self.continued_accepted + self.continued_rejected + self.stopped_accepted + self.stopped_rejected
        )

    @property
    def correct(self) -> int:
        """Decisions that the batch's own fate bore out."""
        return self.continued_accepted + self.stopped_rejected


class EntropyDraftControl:
    """A two-level branch predictor on entropies instead of branches (arXiv 2604.25326).

    Life cycle: ``batch_drafted`` after each draft batch, in order; ``batch_verified`` with the prediction
    that it returned when the verdict on that batch arrives, in the same order. A rejection flushes the later
    batches; for those there is no call.

    State: the local entropy history (LEHT) of every drafted batch, the committed one (LCEHT) of the accepted
    batches, the number of unverified batches ahead (LLR), and a table of saturating counters.
    """

    def __init__(self, options: EntropyDraftControlOptions) -> None:
        self.options = options
        self.statistics = EdcStatistics()
        self.counters = [options.initial_counter] * (1 << options.index_bits)
        self.unverified = 0
        # Newest entry first; reading by age, not by slot, is what the halves of the index mean.
        self._history = deque([options.initial_bucket] * options.history, maxlen=options.history)
        self._committed = self._history.copy()

    @property
    def history(self) -> tuple[int, ...]:
        """LEHT, newest first."""
        return tuple(self._history)

    @property
    def committed_history(self) -> tuple[int, ...]:
        """LCEHT, newest first."""
        return tuple(self._committed)

    @property
    def llr(self) -> int:
        """Unverified batches as the index shows them: saturating, though the count behind goes on."""
        return min(self.unverified, (1 << self.options.llr_bits) - 1)

    def bucket(self, mean_entropy: float) -> int:
        """Which of the equal intervals of [0, entropy_maximum] holds a mean entropy (nats)."""
        buckets = 1 << self.options.bucket_bits
        return min(int(mean_entropy / self.options.entropy_maximum * buckets), buckets - 1)

    def batch_drafted(self, mean_entropy: float) -> EdcPrediction:
        """Take note of a batch by its mean entropy (nats) and say whether to go on drafting."""
        self._history.appendleft(self.bucket(mean_entropy))
        self.unverified += 1
        index = self._index()
        keep_drafting = self.counters[index] >= 1 << (self.options.counter_bits - 1)
        if keep_drafting:
            self.statistics.continued += 1
        else:
            self.statistics.stopped += 1
        return EdcPrediction(index, keep_drafting)

    def batch_verified(self, prediction: EdcPrediction, mean_entropy: float, fully_accepted: bool) -> None:
        """Learn the verdict on the oldest unverified batch; a rejection rolls the history back.

        Raises
        ------
        ValueError
            If no batch is unverified.
        """
        if self.unverified == 0:
            raise ValueError("a verdict on a batch that was never drafted, or was flushed")
        if fully_accepted:
            self.unverified -= 1
            self._committed.appendleft(self.bucket(mean_entropy))
        else:
            self.unverified = 0
            self._history = self._committed.copy()
        self._train(prediction.index, fully_accepted)
        self._count(prediction.keep_drafting, fully_accepted)

    def flush(self) -> None:
        """Forget every unverified batch: the text has left the chain that they continue."""
        if self.unverified:
            self.unverified = 0
            self._history = self._committed.copy()

    def _index(self) -> int:
        options, entries = self.options, list(self._history)
        half = options.history // 2
        newer, older = sum(entries[:half]) // half, sum(entries[half:]) // half
        # The paper's H0…H3 are the low half; "H7" has the newest entries in the high one.
        low, high = (newer, older) if options.newest == "H0" else (older, newer)
        return ((high << options.bucket_bits | low) << options.llr_bits) | self.llr

    def _train(self, index: int, fully_accepted: bool) -> None:
        if fully_accepted:
            self.counters[index] = min(self.counters[index] + 1, (1 << self.options.counter_bits) - 1)
        else:
            self.counters[index] = max(self.counters[index] - 1, 0)

    def _count(self, continued: bool, accepted: bool) -> None:
        if continued and accepted:
            self.statistics.continued_accepted += 1
        elif continued:
            self.statistics.continued_rejected += 1
        elif accepted:
            self.statistics.stopped_accepted += 1
        else:
            self.statistics.stopped_rejected += 1
