"""The drafter's batches, from their first token to their verdict, and what policy and EDC learn from them."""

from ahasd.simulation.engine import PICOSECONDS
from ahasd.speculation.asynchronous.drafter.look_ahead import LookAhead
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.text import Batch
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals


class Batches:
    """The batch under way, and those that wait for a verdict.

    Attributes
    ----------
    length
        Tokens of the batch under way.
    """

    def __init__(self, shared: Shared, policy: DraftingPolicy, edc: EntropyDraftControl | None) -> None:
        self._shared, self._policy, self._edc = shared, policy, edc
        self._unsettled: list[Batch] = []
        self._round = -1
        self.start()

    @property
    def unsettled(self) -> bool:
        """Whether a batch waits for a verdict."""
        return bool(self._unsettled)

    def start(self) -> None:
        """Begin the next batch."""
        self._round += 1
        self._policy.start(self._round)
        self.length = 0
        self._entropy = 0.0
        self._began = self._shared.now

    def step_starts(self) -> None:
        """The batch's time counts from its first step, which may have been waited for."""
        if self.length == 0:
            self._began = self._shared.now

    def add(self, signals: DraftSignals) -> None:
        """Count a drafted token."""
        self.length += 1
        self._entropy += signals.entropy if self._edc is None else self._edc.entropy(signals.entropy)

    def ends_with(self, signals: DraftSignals) -> bool:
        """Whether the policy ends the batch with the token just counted."""
        return self._policy.should_stop(signals)

    def close(self, ahead: LookAhead) -> Batch:
        """Close the batch under way, which ends where the drafter stands."""
        start, mean = ahead.offset - self.length, self._entropy / self.length
        return Batch(ahead.chain, start, self.length, self._round, self._began, mean)

    def await_verdict(self, batch: Batch) -> None:
        """Take note that a batch is with the verifier; EDC predicts its fate."""
        self._unsettled.append(batch)
        if self._edc is not None:
            batch.prediction = self._edc.batch_drafted(batch.mean_entropy)

    def settle(self, verified: int, rejected: bool) -> None:
        """Tell policy and EDC what became of the batches before the verified offset, and of one rejected there."""
        if not self._unsettled or (self._unsettled[0].end > verified and not rejected):
            return
        settled = [
            batch
            for batch in self._unsettled
            if batch.end <= verified or (rejected and batch.start <= verified < batch.end)
        ]
        for batch in settled:
            accepted = min(batch.length, verified - batch.start)
            seconds = (self._shared.now - batch.began) / PICOSECONDS
            self._policy.verified(batch.round, batch.length, accepted, seconds)
            if self._edc is not None and batch.prediction is not None:
                self._edc.batch_verified(batch.prediction, batch.mean_entropy, accepted == batch.length)
            self._unsettled.remove(batch)

    def flush(self) -> None:
        """Forget every batch, because the text has left their chain, and begin one anew."""
        self._unsettled = []
        if self._edc is not None:
            self._edc.flush()
        self.start()
