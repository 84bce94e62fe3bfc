"""The PIM's side: draft ahead, batch by batch, until a controller says otherwise."""

from enum import StrEnum

from ahasd.control.edc import EntropyDraftControl
from ahasd.drafting.policy import DraftingPolicy
from ahasd.simulation.engine import PICOSECONDS, to_picoseconds
from ahasd.simulation.timeline import Fate, Task
from ahasd.systems.asynchronous.piloting import Piloting
from ahasd.systems.asynchronous.preverifier import Preverifier
from ahasd.systems.asynchronous.shared import Shared
from ahasd.systems.asynchronous.text import Batch, Verdict
from ahasd.systems.asynchronous.verifier import Verifier, pushable


class Waiting(StrEnum):
    """Why the drafter stands still."""

    NPU = "npu"
    """Its vector work needs the NPU, which runs a verification (AAU off)."""
    QUEUE = "queue"
    """The queue of unverified drafts is full."""
    FEEDBACK = "feedback"
    """EDC said stop, the KV cache has no room for more look-ahead, or a pre-verification found a rejection: a
    verdict has to come first."""
    PILOT = "pilot"
    """The pilot sees no use in another token now."""


class Drafter:
    """Drafts token after token on its own chain; reads verdicts between steps.

    Life cycle: ``begin`` once; from then on every step schedules what follows it. After a batch EDC (if there
    is one) is asked whether to draft ahead; if it says stop, or if there is no EDC, TVC (if there is one)
    is asked whether to pre-verify; if TVC sees no time for it, drafting goes on. With EDC and without TVC,
    stop means to wait for a verdict. A pilot, if there is one, is asked before every step instead.
    """

    def __init__(
        self,
        shared: Shared,
        verifier: Verifier,
        policy: DraftingPolicy,
        edc: EntropyDraftControl | None,
        preverifier: Preverifier | None,
        piloting: Piloting | None = None,
    ) -> None:
        steps = shared.machine.draft_steps
        assert steps is not None, "an asynchronous system has a draft"
        self._shared, self._verifier, self._policy = shared, verifier, policy
        self._steps, self._edc, self._preverifier, self._piloting = steps, edc, preverifier, piloting
        system = shared.machine.system
        self._needs_npu = system.draft_device == "pim" and not system.aau
        self._behind = self._needs_npu and system.vector_wait == "behind" and not system.ideal_vector_wait
        self._catches_up_apart = system.catch_up == "separate"
        self._prompt, self._look_ahead = shared.machine.lengths.prompt, shared.machine.lengths.look_ahead
        if system.look_ahead_limit is not None:
            self._look_ahead = min(self._look_ahead, system.look_ahead_limit)
        self._chain = shared.text.chain
        self._base = 0
        self._offset = 0
        self._unseen = 1
        self._verified = 0
        self._open: list[Batch] = []
        self._running: Task | None = None
        self._waiting: Waiting | None = None
        self._waiting_since = 0
        self._closed: Batch | None = None
        self._round = -1
        verifier.on_verdict = self._verdict_sent
        verifier.on_free = self._npu_free
        verifier.on_taken = self._batch_taken
        self._start_batch()

    def begin(self) -> None:
        """Draft the first token."""
        self._step()
        if self._piloting is not None:
            self._verifier.kick()  # it may start with nothing drafted

    # One draft step.

    def _step(self) -> None:
        """Start the next draft step, or wait for the NPU if the step needs it."""
        shared = self._shared
        now = shared.engine.now
        if self._behind and self._verifier.running is not None:
            self._wait(Waiting.NPU)
            return
        if self._offset - self._verified >= self._look_ahead:
            self._wait(Waiting.FEEDBACK)
            return
        width = self._unseen
        if width > 1 and self._catches_up_apart:
            width, kind = width - 1, "catch_up"
        else:
            kind = "draft"
        if self._length == 0:
            self._began = now
        context = self._prompt + self._base + self._offset - self._unseen
        cost = self._steps.cost(width, context)
        if self._piloting is not None and not self._piloting.drafts(
            self._chain, self._base, self._verified, self._offset, cost.seconds
        ):
            self._wait(Waiting.PILOT)
            return
        end = now + to_picoseconds(cost.seconds)
        task = Task(self._steps.name, kind, now, end, width, context, cost)
        self._running = shared.timeline.add(task)
        if self._piloting is not None:
            self._piloting.step_started(self._chain, task)
        if self._needs_npu:
            vector_work = to_picoseconds(cost.npu_seconds)
            task.blocked = vector_work
            if self._verifier.running is None:
                shared.timeline.worked(shared.machine.target_steps.name, vector_work)
        self._verifier.reserved = self._behind
        shared.contention.start_step(task, self._step_ended)

    def _step_ended(self) -> None:
        shared, task = self._shared, self._running
        assert task is not None
        self._running = None
        if self._piloting is not None:
            self._piloting.step_ended()
        if self._verifier.reserved:
            self._verifier.reserved = False
            self._verifier.kick()
        if task.kind == "catch_up":
            task.fate = Fate.USED
            self._unseen = 1
            self._read_feedback()
            self._step()
            return
        shared.text.drafted(self._chain, task)
        self._unseen = 1
        signals = self._chain.signals(self._offset)
        self._offset += 1
        self._length += 1
        self._entropy += signals.entropy if self._edc is None else self._edc.entropy(signals.entropy)
        if self._read_feedback():
            self._step()
        elif self._policy.should_stop(signals) or self._length >= self._look_ahead:
            self._close_batch()
        else:
            self._step()

    # Batches.

    def _start_batch(self) -> None:
        self._round += 1
        self._policy.start(self._round)
        self._length = 0
        self._entropy = 0.0
        self._began = self._shared.now

    def _close_batch(self) -> None:
        shared = self._shared
        batch = Batch(
            self._chain,
            self._offset - self._length,
            self._length,
            self._round,
            self._began,
            self._entropy / self._length,
        )
        if self._preverifier is not None:
            self._preverifier.drafted(shared.now - self._began, batch.length)
        self._closed = batch
        self._hand_over()

    def _hand_over(self) -> None:
        """Put the closed batch into the queue, or wait until there is room; then ask the controllers."""
        shared, batch = self._shared, self._closed
        assert batch is not None
        if shared.unverified.full and pushable(batch, shared):
            shared.unverified.refused()
            self._wait(Waiting.QUEUE)
            return
        self._closed = None
        self._open.append(batch)
        if self._edc is not None:
            batch.prediction = self._edc.batch_drafted(batch.mean_entropy)
        # A batch that waited for room may have been settled by a verdict that was read meanwhile.
        self._settle(self._verified, rejected=False)
        if pushable(batch, shared):
            now = shared.engine.now
            batch.available = shared.arrival
            shared.unverified.push(batch, now)
            if self._verifier.running is None:  # a running pass looks at the queue when it ends
                shared.engine.at(batch.available, self._verifier.kick)
        self._start_batch()
        if self._edc is None and self._preverifier is None and self._piloting is None:
            self._step()
        else:
            # The batch reaches the verifier first, then the controllers decide.
            decided = shared.arrival + shared.decision_ps
            shared.engine.at(decided, lambda: self._decide(batch), priority=2)

    def _decide(self, batch: Batch) -> None:
        if self._read_feedback() or self._piloting is not None:
            self._step()
            return
        prediction = batch.prediction
        if prediction is not None and prediction.keep_drafting:
            self._step()
            return
        if self._preverifier is None:
            # Nothing to wait for if the verdict on everything drafted has been read already.
            if self._open:
                self._wait(Waiting.FEEDBACK)
            else:
                self._step()
            return
        tokens = self._preverifier.tokens(self._chain)
        if tokens == 0:
            self._step()
            return
        self._preverifier.start(tokens, self._preverified)

    def _preverified(self, found_rejection: bool) -> None:
        assert self._preverifier is not None
        self._verifier.kick()
        self._shared.engine.after(self._preverifier.switch_back(), lambda: self._go_on(found_rejection))

    def _go_on(self, found_rejection: bool) -> None:
        """Draft on after a pre-verification, unless it found that the text leaves the chain."""
        if self._read_feedback() or not found_rejection:
            self._step()
        else:
            self._wait(Waiting.FEEDBACK)

    # Waiting and verdicts.

    def _wait(self, reason: Waiting) -> None:
        shared = self._shared
        self._waiting, self._waiting_since = reason, shared.now
        if reason is not Waiting.NPU and len(shared.feedback):
            # A verdict that was sent before the wait began is still on its way.
            shared.engine.at(max(shared.now, shared.feedback.peek().available), self._verdict_arrived)
        if self._piloting is not None:
            self._piloting.waiting = True
            self._verifier.kick()  # there is nothing more to come that it could wait for

    def _resume(self) -> None:
        """Go on after a wait, wherever it was."""
        self.close()
        self._waiting = None
        if self._piloting is not None:
            self._piloting.waiting = False
        left_chain = self._read_feedback()
        if self._closed is not None and not left_chain:
            self._hand_over()
        else:
            self._closed = None
            self._step()

    def close(self) -> None:
        """Count a wait for something shared that ends now, or that the end of the run cuts short."""
        if self._waiting in (Waiting.NPU, Waiting.QUEUE):
            self._shared.timeline.waited(self._steps.name, self._shared.now - self._waiting_since)

    def _verdict_sent(self) -> None:
        if self._waiting in (Waiting.FEEDBACK, Waiting.QUEUE, Waiting.PILOT):
            self._shared.engine.at(self._shared.arrival, self._verdict_arrived)

    def _verdict_arrived(self) -> None:
        feedback = self._shared.feedback
        # It may have been read since this was scheduled; then the wait is for a later one.
        arrived = len(feedback) and feedback.peek().available <= self._shared.now
        if arrived and self._waiting in (Waiting.FEEDBACK, Waiting.QUEUE, Waiting.PILOT):
            self._resume()

    def _batch_taken(self) -> None:
        """A pass took batches off the queue: there is room, which the drafter learns a message later."""
        if self._waiting in (Waiting.QUEUE, Waiting.PILOT):
            self._shared.engine.at(self._shared.arrival, self._room)

    def _room(self) -> None:
        if self._waiting in (Waiting.QUEUE, Waiting.PILOT):
            self._resume()

    def _npu_free(self) -> None:
        """The NPU ended a pass: a waiting draft step, which was there first, gets it before the next batch."""
        if self._waiting is Waiting.NPU:
            self._verifier.reserved = True
            self._shared.engine.at(self._shared.arrival, self._npu_granted)

    def _npu_granted(self) -> None:
        self._resume()

    def _read_feedback(self) -> bool:
        """Read the verdicts that have arrived; whether the text has left the chain drafted on."""
        shared, left_chain = self._shared, False
        if not len(shared.feedback):
            return False
        was_full = shared.feedback.full
        while len(shared.feedback) and shared.feedback.peek().available <= shared.now:
            verdict = shared.feedback.pop(shared.now)
            self._verified = verdict.verified
            self._settle(verdict.verified, verdict.rejected)
            if verdict.next_chain is not None:
                self._restart(verdict)
                left_chain = True
        if was_full or self._verifier.provisional is not None:
            # There is room for the verdict of the next pass, or of a pre-verification beside a pass.
            self._verifier.kick()
        return left_chain

    def _settle(self, verified: int, rejected: bool) -> None:
        """Tell policy and EDC what became of the batches before the verified offset, and of one rejected there."""
        if not self._open or (self._open[0].end > verified and not rejected):
            return
        settled = [
            batch
            for batch in self._open
            if batch.end <= verified or (rejected and batch.start <= verified < batch.end)
        ]
        for batch in settled:
            accepted = min(batch.length, verified - batch.start)
            seconds = (self._shared.now - batch.began) / PICOSECONDS
            self._policy.verified(batch.round, batch.length, accepted, seconds)
            if self._edc is not None and batch.prediction is not None:
                self._edc.batch_verified(batch.prediction, batch.mean_entropy, accepted == batch.length)
            self._open.remove(batch)

    def _restart(self, verdict: Verdict) -> None:
        """Draft on from the target's own token; everything after the verified tokens is flushed."""
        assert verdict.next_chain is not None
        # After full acceptance the draft was not yet fed its own last token, unless a step of it has begun (nor, if
        # it drafted nothing, what it had not seen before).
        unseen = 1 if verdict.rejected or self._offset > verdict.verified else self._unseen + 1
        self._chain, self._base, self._offset = verdict.next_chain, verdict.base, 0
        self._unseen, self._verified = unseen, 0
        self._open = []
        if self._edc is not None:
            self._edc.flush()
        self._start_batch()
