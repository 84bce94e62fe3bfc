"""The drafter's wait: what for, which message ends it, and what of it counts as blocked."""

from collections.abc import Callable
from enum import StrEnum

from ahasd.speculation.asynchronous.pilots.questions import PilotQuestions
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.verifier import Verifier


class Waiting(StrEnum):
    """Why the drafter stands still."""

    VECTOR_UNIT = "vector_unit"
    """Its vector work needs the verifier's device, which runs a verification (AAU off)."""
    QUEUE = "queue"
    """The queue of unverified drafts is full."""
    FEEDBACK = "feedback"
    """EDC said stop, the KV cache has no room for more look-ahead, or a pre-verification found a rejection: a
    verdict has to come first."""
    PILOT = "pilot"
    """The pilot sees no use in another token now."""


class Wait:
    """Listens to the verifier while the drafter stands still.

    Whatever the verifier does, the drafter hears of it a message later.

    Parameters
    ----------
    shared
        Clock, queue of verdicts, timeline.
    verifier
        Tells when it sent a verdict, took batches, or left its device.
    questions
        Told whether the drafter waits; None without a pilot.
    device
        Name of the drafter's device in the timeline.
    resume
        Called when a wait has ended.
    """

    def __init__(
        self,
        shared: Shared,
        verifier: Verifier,
        questions: PilotQuestions | None,
        device: str,
        resume: Callable[[], None],
    ) -> None:
        self._shared, self._verifier, self._questions = shared, verifier, questions
        self._device, self._resume = device, resume
        self._reason: Waiting | None = None
        self._since = 0
        verifier.verdicts.on_sent = self._verdict_sent
        verifier.on_free = self._device_free
        verifier.on_taken = self._batch_taken

    def begin(self, reason: Waiting) -> None:
        """Stand still until what is waited for has come."""
        shared = self._shared
        self._reason, self._since = reason, shared.now
        if reason is not Waiting.VECTOR_UNIT and len(shared.feedback):
            # A verdict that was sent before the wait began is still on its way.
            shared.engine.at(max(shared.now, shared.feedback.peek().available), self._verdict_arrived)
        if self._questions is not None:
            self._questions.waiting = True
            self._verifier.kick()  # there is nothing more to come that it could wait for

    def close(self) -> None:
        """Count a wait for something shared that ends now, or that the end of the run cuts short."""
        if self._reason in (Waiting.VECTOR_UNIT, Waiting.QUEUE):
            self._shared.timeline.waited(self._device, self._shared.now - self._since)

    def _end(self) -> None:
        self.close()
        self._reason = None
        if self._questions is not None:
            self._questions.waiting = False
        self._resume()

    def _verdict_sent(self) -> None:
        if self._reason in (Waiting.FEEDBACK, Waiting.QUEUE, Waiting.PILOT):
            self._shared.engine.at(self._shared.arrival, self._verdict_arrived)

    def _verdict_arrived(self) -> None:
        feedback = self._shared.feedback
        # It may have been read since this was scheduled; then the wait is for a later one.
        arrived = len(feedback) and feedback.peek().available <= self._shared.now
        if arrived and self._reason in (Waiting.FEEDBACK, Waiting.QUEUE, Waiting.PILOT):
            self._end()

    def _batch_taken(self) -> None:
        """A pass took batches off the queue: there is room, which the drafter learns a message later."""
        if self._reason in (Waiting.QUEUE, Waiting.PILOT):
            self._shared.engine.at(self._shared.arrival, self._room)

    def _room(self) -> None:
        if self._reason in (Waiting.QUEUE, Waiting.PILOT):
            self._end()

    def _device_free(self) -> None:
        """The verifier ended a pass: a waiting draft step, which was there first, gets it before the next batch."""
        if self._reason is Waiting.VECTOR_UNIT:
            self._verifier.claims.vector_work = True
            self._shared.engine.at(self._shared.arrival, self._end)
