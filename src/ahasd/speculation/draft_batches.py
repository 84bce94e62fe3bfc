"""Drafted tokens in batches: where one ends, what EDC says of it, and what policy and EDC learn of its fate."""

from typing import NamedTuple

from ahasd.simulation.engine import PICOSECONDS
from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.chain import DraftSignals


class DraftBatch(NamedTuple):
    """Drafted tokens that were closed together.

    Attributes
    ----------
    start, length
        Tokens ``start … start + length - 1``, counted as `DraftBatches` counts them.
    round
        Number of the batch, for the policy.
    began
        Picosecond at which work on its first token began.
    mean_entropy
        Nats, over its tokens, as EDC is given it.
    """

    start: int
    length: int
    round: int
    began: int
    mean_entropy: float

    @property
    def end(self) -> int:
        """Place after its last token."""
        return self.start + self.length


class DraftBatches:
    """The batch under way and those that wait for a verdict, for every way of decoding with a draft.

    It asks the drafting policy and EDC, and tells both what became of their batches, in one order for simulator and
    runtime: it knows neither models nor devices, and is told the time.

    Life cycle: ``begin`` a batch; ``add`` each drafted token and ask whether the batch ``ends`` with it; ``close``
    it, ``hand_over`` to the verifier, and begin the next. ``settle`` whenever a verdict is known, in order.
    ``restart`` when the text goes on otherwise than the drafts did, and begin again.

    Tokens are counted from where the last restart said; before any, from 0. Times are picoseconds from any start.

    Parameters
    ----------
    policy
        Ends batches; fresh.
    control
        EDC, asked about every batch that is handed over; None without it.

    Attributes
    ----------
    length
        Tokens of the batch under way.
    """

    def __init__(self, policy: DraftingPolicy, control: EntropyDraftControl | None = None) -> None:
        self._policy, self._control = policy, control
        self._unsettled: list[tuple[DraftBatch, EdcPrediction | None]] = []
        self._round = -1
        self._start = self._began = 0
        self._signals: DraftSignals | None = None
        self._entropy = 0.0
        self.length = 0

    @property
    def unsettled(self) -> bool:
        """Whether a batch waits for a verdict."""
        return bool(self._unsettled)

    def drafts(self) -> bool:
        """Whether the policy wants the coming round to draft; asked once a round where the models take turns."""
        return self._policy.drafts()

    def passed_alone(self, began: int, now: int) -> None:
        """Tell the policy of a round without drafts, from one picosecond to another."""
        self._policy.passed_alone((now - began) / PICOSECONDS)

    def begin(self) -> None:
        """Begin the next batch."""
        self._round += 1
        self._policy.start(self._round)

    def add(self, signals: DraftSignals, began: int) -> None:
        """Count a drafted token, which work was begun on at this time."""
        if not self.length:
            self._began = began
        self.length += 1
        self._signals = signals
        self._entropy += signals.entropy if self._control is None else self._control.entropy(signals.entropy)

    def ends(self) -> bool:
        """Whether the policy ends the batch with the token added last; to be asked once for each."""
        assert self._signals is not None, "no token was added"
        return self._policy.should_stop(self._signals)

    def close(self) -> DraftBatch:
        """Close the batch under way, whoever ended it.

        Raises
        ------
        ValueError
            If it holds no token.
        """
        if not self.length:
            raise ValueError("a batch holds at least one token")
        mean = self._entropy / self.length
        batch = DraftBatch(self._start, self.length, self._round, self._began, mean)
        self._empty(batch.end)
        return batch

    def hand_over(self, batch: DraftBatch) -> EdcPrediction | None:
        """Take note that a closed batch is with the verifier, and return what EDC says after it, None without EDC."""
        prediction = None if self._control is None else self._control.batch_drafted(batch.mean_entropy)
        self._unsettled.append((batch, prediction))
        return prediction

    def settle(self, verified: int, rejected: bool, now: int) -> None:
        """Tell policy and EDC what became of the batches before a place, and of one rejected there.

        Parameters
        ----------
        verified
            The tokens before this place became text.
        rejected
            Whether the token at this place was judged and rejected.
        now
            Picosecond at which the verdict is known.
        """
        while self._unsettled:
            batch, prediction = self._unsettled[0]
            if batch.end > verified and not (rejected and batch.start <= verified):
                return
            del self._unsettled[0]
            accepted = self._teach(batch, verified, now)
            if self._control is not None and prediction is not None:
                self._control.batch_verified(prediction, batch.mean_entropy, accepted == batch.length)

    def settle_under_way(self, rejected_at: int, now: int) -> None:
        """Tell the policy of the batch under way, if the token rejected at this place is one of it.

        So a verifier does that judges tokens before their batch is closed. EDC has said nothing of such a batch.
        """
        if self._start <= rejected_at < self._start + self.length:
            self._teach(self.close(), rejected_at, now)

    def restart(self, start: int) -> None:
        """Forget every batch, because the text goes on otherwise; the next token drafted stands at this place."""
        self._unsettled.clear()
        if self._control is not None:
            self._control.flush()
        self._empty(start)

    def _teach(self, batch: DraftBatch, verified: int, now: int) -> int:
        """Tell the policy of a batch; how many of its tokens were accepted."""
        accepted = min(batch.length, verified - batch.start)
        self._policy.verified(batch.round, batch.length, accepted, (now - batch.began) / PICOSECONDS)
        return accepted

    def _empty(self, start: int) -> None:
        self._start, self.length, self._entropy = start, 0, 0.0
