"""Entropy-history-aware drafting control (EDC): draft ahead, or ask whether to pre-verify."""

from collections import deque
from dataclasses import dataclass

from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.control.edc.saturating_counters import SaturatingCounters
from ahasd.speculation.control.edc.statistics import EdcStatistics

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


class EntropyDraftControl:
    """A two-level branch predictor on entropies instead of branches (arXiv 2604.25326).

    Life cycle: ``batch_drafted`` after each draft batch, in order; ``batch_verified`` with the prediction
    that it returned when the verdict on that batch arrives, in the same order. A rejection flushes the later
    batches; for those there is no call. ``flush`` when the text leaves the chain of the batches otherwise.

    State: the local entropy history (LEHT) of every drafted batch, the committed one (LCEHT) of the accepted
    batches, the number of unverified batches ahead (LLR), and a table of saturating counters.

    Attributes
    ----------
    unverified
        Batches ahead that a verdict can still come for.
    counters
        One per index.
    """

    def __init__(self, options: EntropyDraftControlOptions) -> None:
        self.options = options
        self.statistics = EdcStatistics()
        self.counters = SaturatingCounters(
            1 << options.index_bits, options.counter_bits, options.initial_counter, options.ageing
        )
        self.unverified = 0
        self._still_counted = 0
        # Read here once: they are asked for at every token.
        self._fixed, self._format = options.arithmetic == "fixed", options.fixed_point
        self._buckets, self._most_llr = 1 << options.bucket_bits, (1 << options.llr_bits) - 1
        self._maximum_nats, self._maximum_units = options.entropy_maximum_nats, options.entropy_maximum_units
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
        counted = self.unverified + self._still_counted
        return counted if counted < self._most_llr else self._most_llr

    def entropy(self, nats: float) -> float:
        """A token's entropy as EDC is given it; the mean of a batch must be taken of these."""
        return self._format.quantise(nats) if self._fixed else nats

    def bucket(self, mean_entropy: float) -> int:
        """Which of the equal intervals of [0, entropy_maximum] holds a mean entropy (nats)."""
        buckets = self._buckets
        if self._fixed:
            # A mean of words is nearer to a bound than a float can tell only if it is the bound, which is exact.
            scaled = mean_entropy * (buckets << self._format.fraction_bits)
            bucket = int(scaled) // self._maximum_units
        else:
            bucket = int(mean_entropy / self._maximum_nats * buckets)
        return bucket if bucket < buckets else buckets - 1

    def batch_drafted(self, mean_entropy: float) -> EdcPrediction:
        """Take note of a batch by its mean entropy (nats) and say whether to go on drafting."""
        self._history.appendleft(self.bucket(mean_entropy))
        self.unverified += 1
        index = self._index()
        keep_drafting = self.counters.predicts(index)
        self.statistics.decided(keep_drafting)
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
        self.unverified -= 1
        self._still_counted = 0  # verdicts come in order, so whatever was flushed has left the queue
        if fully_accepted:
            self._committed.appendleft(self.bucket(mean_entropy))
        else:
            self._roll_back()
        recomputed = self.options.trained_index == "recomputed"
        self.counters.train(self._index() if recomputed else prediction.index, fully_accepted)
        self.statistics.met_verdict(prediction.keep_drafting, fully_accepted)

    def flush(self) -> None:
        """Forget every unverified batch: the text has left the chain that they continue."""
        if self.unverified:
            self._roll_back()

    def _roll_back(self) -> None:
        if self.options.llr_after_rollback == "decrement":
            self._still_counted += self.unverified
        self.unverified = 0
        self._history = self._committed.copy()

    def _index(self) -> int:
        options, entries = self.options, list(self._history)
        half = options.history // 2
        newer, older = sum(entries[:half]) // half, sum(entries[half:]) // half
        # The paper's H0…H3 are the low half; "H7" has the newest entries in the high one.
        low, high = (newer, older) if options.newest == "H0" else (older, newer)
        return ((high << options.bucket_bits | low) << options.llr_bits) | self.llr
