"""How the drafter takes verdicts in."""

from ahasd.speculation.asynchronous.drafter.look_ahead import LookAhead
from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.verifier import Verifier
from ahasd.speculation.draft_batches import DraftBatches


class FeedbackReader:
    """Reads the queue of verdicts between steps; moves the look-ahead and settles the batches accordingly."""

    def __init__(self, shared: Shared, verifier: Verifier, ahead: LookAhead, batches: DraftBatches) -> None:
        self._shared, self._verifier, self._ahead, self._batches = shared, verifier, ahead, batches

    def read(self) -> bool:
        """Read the verdicts that have arrived; whether the text has left the chain drafted on.

        Then everything after the verified tokens is flushed, and drafting goes on from the target's own token.
        """
        shared, left_chain = self._shared, False
        feedback, now = shared.feedback, shared.engine.now
        if not len(feedback):
            return False
        was_full = feedback.full
        while len(feedback) and feedback.peek().available <= now:
            verdict = feedback.pop(now)
            self._ahead.verified = verdict.verified
            self._batches.settle(verdict.verified, verdict.rejected, now)
            if verdict.next_chain is not None:
                if verdict.rejected:
                    self._batches.settle_under_way(verdict.verified, now)
                self._ahead.restart(verdict)
                self._batches.restart(0)
                self._batches.begin()
                left_chain = True
        if was_full or self._verifier.provisional.held is not None:
            # There is room for the verdict of the next pass, or of a pre-verification beside a pass.
            self._verifier.kick()
        return left_chain
