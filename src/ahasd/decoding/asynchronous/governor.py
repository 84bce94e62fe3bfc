"""When the drafter ends a batch, and when it waits for a verdict before it drafts on."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.chain import DraftSignals


@dataclass(slots=True)
class _Batch:
    """Tokens start … start + length − 1 after the prompt, drafted between two decisions of the policy."""

    start: int
    round: int
    began: float
    length: int = 0
    entropy: float = 0.0
    prediction: EdcPrediction | None = None

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def mean_entropy(self) -> float:
        return self.entropy / self.length


class Governor:
    """Asks the drafting policy and EDC, and tells both what came of their batches.

    The same classes, asked in the same order, as in the simulated drafter. A verdict on a batch is due when the text
    has got past all its tokens, or at the first of them that was rejected.

    Parameters
    ----------
    policy
        Ends batches.
    control
        Asked after each batch whether to draft ahead or to wait for a verdict; None to draft ahead always.
    longest
        Tokens of a batch at most, whatever the policy says; None for no other limit.
    clock
        Seconds from any start.
    """

    def __init__(
        self,
        policy: DraftingPolicy,
        control: EntropyDraftControl | None = None,
        longest: int | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._policy, self._control, self._clock = policy, control, clock
        self._longest = longest
        self._open: list[_Batch] = []
        self._round = -1
        self._told_to_wait = False
        self._current = self._new_batch(0)

    @property
    def waits(self) -> bool:
        """Whether a verdict has to come before the next token."""
        return self._told_to_wait and bool(self._open)

    def drafted(self, signals: DraftSignals) -> bool:
        """Take note of a token; whether its batch ends with it."""
        batch = self._current
        batch.length += 1
        batch.entropy += signals.entropy
        ends = self._policy.should_stop(signals)
        if not ends and batch.length != self._longest:
            return False
        if self._control is not None:
            batch.prediction = self._control.batch_drafted(batch.mean_entropy)
            self._told_to_wait = not batch.prediction.keep_drafting
        self._open.append(batch)
        self._current = self._new_batch(batch.end)
        return True

    def verified(self, length: int) -> None:
        """The text has so many tokens after the prompt, and the batches agree with them."""
        self._told_to_wait = False
        while self._open and self._open[0].end <= length:
            self._settle(self._open.pop(0), length)

    def restart(self, length: int, divergence: int, rejected: bool) -> None:
        """Drop what is not text: the next batch begins behind the text.

        Parameters
        ----------
        length
            Of the text after the prompt.
        divergence
            Place of the first token that the batches do not agree with.
        rejected
            Whether the drafted token at that place was judged and rejected. Otherwise the verifier has put its own
            token where it saw no draft.
        """
        self.verified(divergence)
        batch = self._open[0] if self._open else self._current
        if rejected and batch.start <= divergence < batch.end:
            self._settle(batch, divergence)
        self._open.clear()
        if self._control is not None:
            self._control.flush()
        self._current = self._new_batch(length)

    def _settle(self, batch: _Batch, verified: int) -> None:
        accepted = min(batch.length, verified - batch.start)
        self._policy.verified(batch.round, batch.length, accepted, self._clock() - batch.began)
        if self._control is not None and batch.prediction is not None:
            self._control.batch_verified(batch.prediction, batch.mean_entropy, accepted == batch.length)

    def _new_batch(self, start: int) -> _Batch:
        self._round += 1
        self._policy.start(self._round)
        return _Batch(start, self._round, self._clock())
