"""The verifier's side: verify the oldest batch, decide, send a verdict."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.simulation.engine import to_picoseconds
from ahasd.speculation.asynchronous.contention import Running
from ahasd.speculation.asynchronous.pilots.questions import PilotQuestions
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.backlog import Backlog
from ahasd.speculation.asynchronous.verifier.device_claims import DeviceClaims
from ahasd.speculation.asynchronous.verifier.provisional import Provisional, ProvisionalVerdicts
from ahasd.speculation.asynchronous.verifier.verdicts import Verdicts
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationControl
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.traces.rollout.walk import DraftChain

#: Draft steps that end at the same picosecond as a verification come first: their token is there to be tested.
VERIFICATION_PRIORITY = 1


@dataclass(slots=True)
class Pass:
    """A verification that runs: its task, the offset after the last token it covers, and how far it is."""

    task: ModelStep
    chain: DraftChain
    end: int
    running: Running


class Verifier:
    """Runs one verification at a time, as soon as a batch waits and nothing holds what it needs.

    A pass feeds the one emitted token whose KV entry is missing and the batch's untested tokens, so it holds
    logits for one token more than it was given. After full acceptance that token is tested if the drafter has
    already drafted it; otherwise the target emits its bonus token. A pass is stopped only if a pre-verification
    of its own tokens (``race``) finds a rejection before it.

    Parameters
    ----------
    shared
        Clock, text, queues.
    tvc
        Gets the duration of every pass; None without TVC.
    questions
        Asked whether a pass starts, perhaps with nothing drafted; None: as soon as a batch waits.
    """

    def __init__(
        self,
        shared: Shared,
        tvc: TimeAwareVerificationControl | None,
        questions: PilotQuestions | None = None,
    ) -> None:
        self._shared, self._tvc, self._questions = shared, tvc, questions
        self._steps = shared.machine.target_steps
        self._backlog = Backlog(shared)
        self.claims = DeviceClaims(shared)
        self.verdicts = Verdicts(shared, self._backlog)
        self.provisional = ProvisionalVerdicts(shared, self.verdicts, tvc)
        self.running: Pass | None = None
        #: Called whenever the device falls free.
        self.on_free: Callable[[], None] = lambda: None
        #: Called when batches were taken off the queue for a pass.
        self.on_taken: Callable[[], None] = lambda: None

    def kick(self) -> None:
        """Commit what a pre-verification found, if it can be, and start a pass if one can start now."""
        shared = self._shared
        self._commit_provisional()
        if self.running is not None:
            return
        self._backlog.drop_settled()
        if not len(shared.unverified) and self._questions is None:
            self.claims.end_wait()
            return
        if shared.feedback.full:
            shared.feedback.refused()
            return
        if self._questions is not None:
            if shared.now < self._backlog.settled_arrival:
                # A pass feeds no token that is not there.
                shared.engine.at(self._backlog.settled_arrival, self.kick)
                return
            end = self._backlog.visible_end
            if self._questions.starts_pass(end):
                self._backlog.take_until(end)
                self._start(end)
                self.on_taken()
            return
        oldest = shared.unverified.peek()
        if oldest.available > shared.now or self._backlog.pending < shared.options.minimum_pending:
            return
        if self.claims.hold_back():
            return
        self.claims.end_wait()
        self._start(self._backlog.take())
        self.on_taken()

    def precommit(self, found: Provisional) -> None:
        """Take note of a pre-verification; once everything before it has its verdict, the next kick commits it."""
        self.provisional.hold(found)

    def _commit_provisional(self) -> None:
        """Commit a pre-verification if it can be, and stop a pass to which that leaves nothing."""
        running = self.running
        if self.provisional.commit_held(running is not None) and running is not None:
            text = self._shared.text
            if running.chain is not text.chain or text.verified > running.end:
                self._abort(running)

    def _abort(self, useless: Pass) -> None:
        """Stop a pass that can tell nothing new: the text has left its tokens, or has verdicts on all of them."""
        self._shared.contention.abort_pass()
        useless.task.fate = Fate.DROPPED
        self._shared.text.ledger.verified(accepted=0)
        self.running = None
        self.on_free()
        self._look_when_visible()

    def close(self) -> None:
        """Count a wait that the end of the run cuts short."""
        self.claims.end_wait()

    def _start(self, end: int) -> None:
        shared, text = self._shared, self._shared.text
        emitted = text.base + text.verified
        width = 1 + end - text.verified
        context = shared.machine.lengths.prompt + emitted - 1
        shared.entries.require(context)
        cost = self._steps.cost(width, context)
        now, duration = shared.now, to_picoseconds(cost.seconds)
        task = shared.timeline.add(
            ModelStep(self._steps.name, "verify", now, now + duration, cost, width=width, context=context)
        )
        running = shared.contention.start_pass(task, self._finish, VERIFICATION_PRIORITY)
        self.running = Pass(task, text.chain, end, running)
        if self._questions is not None:
            self._questions.pass_started(task, end)

    def _finish(self) -> None:
        shared, text, ended = self._shared, self._shared.text, self.running
        assert ended is not None
        self.running = None
        ended.task.fate = Fate.USED
        if self._tvc is not None:
            clock = shared.machine.clocks.verifier_ghz
            # Cycles are counted at the verifier's clock: 1 GHz is 1000 ps.
            self._tvc.npu_verified((ended.task.end - ended.task.start) / 1000 * clock, ended.task.context + 1)
        shared.entries.add(ended.task.context + ended.task.width)
        chain, before, end = text.chain, text.verified, ended.end
        until = before
        while until < end and chain.accepted(until):
            until += 1
        text.accept(until, shared.now)
        rejected, bonus = until < end, False
        found = self.provisional.take(end)
        if not rejected and found is None:
            # The pass holds logits for one token more: test the drafter's, if it is there, or emit the target's.
            bonus = len(text.drafts) == end
            if not bonus and chain.accepted(end):
                until += text.accept(end + 1, shared.now)
            else:
                rejected = not bonus
        text.ledger.verified(until - before)
        if self._questions is not None:
            self._questions.pass_ended(chain, before, until, rejected)
        if found is not None and not rejected:
            self.provisional.commit(found)
        else:
            if found is not None:
                self.provisional.drop(found)
            self.verdicts.settle(chain, until, rejected, bonus)
        self.on_free()
        self.kick()
        self._look_when_visible()

    def _look_when_visible(self) -> None:
        """Batches that were on their way when the pass ended are looked at when they can be seen."""
        shared = self._shared
        if self.running is None:
            for batch in shared.unverified:
                if batch.available > shared.now:
                    shared.engine.at(batch.available, self.kick)
