"""Backlog: the queue of unverified drafts, as the verifier sees it."""

from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.coverage import tokens_covered
from ahasd.traces.rollout.walk import DraftChain


class Backlog:
    """Chooses what a pass covers, and takes what has its verdict off the queue.

    Attributes
    ----------
    settled_arrival
        When the last batch whose tokens all have verdicts has arrived in the queue: its last token may have been
        tested against the logits of a pass before.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.settled_arrival = 0

    @property
    def pending(self) -> int:
        """Drafted tokens without a verdict that the verifier can see."""
        shared = self._shared
        if shared.options.minimum_pending == 1:
            return 1  # the oldest batch has at least one
        visible = [batch.end for batch in shared.unverified if batch.available <= shared.now]
        return visible[-1] - shared.text.verified

    @property
    def visible_end(self) -> int:
        """Offset after the last token that has arrived; under a pilot a pass covers all of them."""
        shared, end = self._shared, self._shared.text.verified
        for batch in shared.unverified:
            if batch.available <= shared.now:
                end = batch.end
        return end

    def take(self) -> int:
        """Take the batches of the next pass off the queue; the offset after their last token."""
        shared, options = self._shared, self._shared.options
        verified, limit = shared.text.verified, options.coalesce_limit if options.verify == "coalesce" else 0
        ends = [batch.end - verified for batch in shared.unverified if batch.available <= shared.now]
        end = verified + tokens_covered(ends, limit)
        self.take_until(end)
        return end

    def take_until(self, end: int) -> None:
        """Take the batches before an offset off the queue."""
        shared = self._shared
        while len(shared.unverified) and shared.unverified.peek().end <= end:
            shared.unverified.pop(shared.now)

    def drop_settled(self) -> None:
        """Take batches off the queue that were flushed, or whose every token has a verdict."""
        shared, text = self._shared, self._shared.text
        while len(shared.unverified):
            oldest = shared.unverified.peek()
            if oldest.chain is text.chain:
                if oldest.end > text.verified:
                    return
                self.settled_arrival = oldest.available
            shared.unverified.pop(shared.now)


def pushable(chain: DraftChain, end: int, shared: Shared) -> bool:
    """Whether a batch that ends at an offset still needs a verdict: on the text's chain, with an untested token."""
    return chain is shared.text.chain and end > shared.text.verified
