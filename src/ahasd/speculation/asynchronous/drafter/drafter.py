"""The drafter's side: draft ahead, batch by batch, until a controller says otherwise."""

from ahasd.speculation.asynchronous.drafter.draft_step import DraftStep
from ahasd.speculation.asynchronous.drafter.feedback import FeedbackReader
from ahasd.speculation.asynchronous.drafter.look_ahead import LookAhead
from ahasd.speculation.asynchronous.drafter.waiting import Wait, Waiting
from ahasd.speculation.asynchronous.pilots.questions import PilotQuestions
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.text import BatchMessage
from ahasd.speculation.asynchronous.verifier.backlog import pushable
from ahasd.speculation.asynchronous.verifier.preverifier import Preverifier
from ahasd.speculation.asynchronous.verifier.verifier import Verifier
from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl
from ahasd.speculation.draft_batches import DraftBatch, DraftBatches
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.model_step import Fate, ModelStep


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
        questions: PilotQuestions | None = None,
    ) -> None:
        self._shared, self._verifier = shared, verifier
        self._preverifier, self._questions = preverifier, questions
        self._controlled = edc is not None or preverifier is not None or questions is not None
        self._draft_step = DraftStep(shared, verifier)
        self._ahead = LookAhead(shared.text.chain, shared.machine, shared.options.look_ahead_limit)
        self._edc = edc
        self._batches = DraftBatches(policy, edc)
        self._feedback = FeedbackReader(shared, verifier, self._ahead, self._batches)
        self._wait = Wait(shared, verifier, questions, self._draft_step.device, self._resume)
        self._running: ModelStep | None = None
        self._closed: DraftBatch | None = None

    def begin(self) -> None:
        """Draft the first token."""
        self._batches.begin()
        self._step()
        if self._questions is not None:
            self._verifier.kick()  # it may start with nothing drafted

    def close(self) -> None:
        """Count a wait that the end of the run cuts short."""
        self._wait.close()

    # One draft step.

    def _step(self) -> None:
        """Start the next draft step, or wait for what it needs."""
        ahead = self._ahead
        if self._draft_step.must_wait:
            self._wait.begin(Waiting.VECTOR_UNIT)
            return
        if ahead.exhausted:
            self._wait.begin(Waiting.FEEDBACK)
            return
        task = self._draft_step.next(ahead)
        if self._questions is not None:
            if not self._questions.drafts(
                ahead.chain, ahead.base, ahead.verified, ahead.offset, task.cost.seconds
            ):
                self._wait.begin(Waiting.PILOT)
                return
            self._questions.step_started(ahead.chain, task)
        self._running = task
        self._draft_step.start(task, self._step_ended)

    def _step_ended(self) -> None:
        shared, ahead, task = self._shared, self._ahead, self._running
        assert task is not None
        self._running = None
        if self._questions is not None:
            self._questions.step_ended()
        self._draft_step.leave_vector_unit()
        ahead.unseen = 1
        if task.kind == "catch_up":
            task.fate = Fate.USED
            self._read_feedback()
            self._step()
            return
        shared.text.drafted(ahead.chain, task)
        signals = ahead.chain.signals(ahead.offset)
        ahead.offset += 1
        if self._read_feedback():
            self._step()  # the token is off the text, and nothing has judged it: it is of no batch
            return
        self._batches.add(signals, task.start)
        if self._batches.ends() or self._verifier_starves:
            self._close_batch()
        else:
            self._step()

    @property
    def _verifier_starves(self) -> bool:
        """Whether no more may be drafted and the batches before this one are less than a verification waits for."""
        ahead = self._ahead
        handed_over = ahead.offset - self._batches.length - ahead.verified
        return ahead.exhausted and handed_over < self._shared.options.minimum_pending

    # What follows a batch.

    def _read_feedback(self) -> bool:
        """Read the verdicts that have arrived; whether the text has left the chain drafted on."""
        left_chain = self._feedback.read()
        self._note_llr()
        return left_chain

    def _note_llr(self) -> None:
        """Keep what EDC counts as unverified, for pictures; nothing is decided by it."""
        if self._edc is not None:
            changes, now = self._shared.llr, self._edc.llr
            if not changes or changes[-1][1] != now:
                changes.append((self._shared.now, now))

    def _close_batch(self) -> None:
        batch = self._batches.close()
        if self._preverifier is not None:
            self._preverifier.drafted(self._shared.now - batch.began, batch.length)
        self._closed = batch
        self._hand_over()

    def _hand_over(self) -> None:
        """Put the closed batch into the queue, or wait until there is room; then ask the controllers."""
        shared, chain, batch = self._shared, self._ahead.chain, self._closed
        assert batch is not None
        if shared.unverified.full and pushable(chain, batch.end, shared):
            shared.unverified.refused()
            self._wait.begin(Waiting.QUEUE)
            return
        self._closed = None
        prediction = self._batches.hand_over(batch)
        # A batch that waited for room may have been settled by a verdict that was read meanwhile.
        self._batches.settle(self._ahead.verified, rejected=False, now=shared.now)
        self._note_llr()
        if pushable(chain, batch.end, shared):
            arrival = shared.arrival
            shared.unverified.push(BatchMessage(chain, batch.start, batch.end, arrival), shared.now)
            if self._verifier.running is None:  # a running pass looks at the queue when it ends
                shared.engine.at(arrival, self._verifier.kick)
        self._batches.begin()
        if not self._controlled:
            self._step()
        else:
            # The batch reaches the verifier first, then the controllers decide.
            decided = shared.arrival + shared.decision_ps
            shared.engine.at(decided, lambda: self._decide(prediction), priority=2)

    def _decide(self, prediction: EdcPrediction | None) -> None:
        if self._read_feedback() or self._questions is not None:
            self._step()
            return
        if prediction is not None and prediction.keep_drafting:
            self._step()
            return
        if self._preverifier is None:
            # Nothing to wait for if the verdict on everything drafted has been read already.
            if self._batches.unsettled:
                self._wait.begin(Waiting.FEEDBACK)
            else:
                self._step()
            return
        tokens = self._preverifier.tokens(self._ahead.chain)
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
            self._wait.begin(Waiting.FEEDBACK)

    def _resume(self) -> None:
        """Go on after a wait, wherever it was."""
        left_chain = self._read_feedback()
        if self._closed is not None and not left_chain:
            self._hand_over()
        else:
            self._closed = None
            self._step()
