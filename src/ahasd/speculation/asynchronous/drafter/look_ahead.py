"""Look-ahead: where the drafter stands on its chain, and how far it is ahead of the verdicts it has read."""

from ahasd.speculation.asynchronous.text import VerdictMessage
from ahasd.speculation.machine import Machine
from ahasd.traces.rollout.walk import DraftChain


class LookAhead:
    """The drafter's place: what it has drafted, what it has yet to be fed, what it knows to be verified.

    Offsets are counted along the chain, as in :class:`~ahasd.speculation.asynchronous.text.Text`; the drafter's chain
    is the text's, or one that the text has left and whose verdict is still on its way.

    Attributes
    ----------
    chain
        The chain that it drafts on.
    base
        Tokens emitted when the chain began.
    offset
        Tokens drafted on it.
    unseen
        Tokens before ``offset`` that have no KV entry of the draft yet: the next step feeds them.
    verified
        Tokens before this offset are known to be emitted.
    limit
        Tokens that may be drafted without a verdict.
    """

    __slots__ = ("base", "chain", "limit", "offset", "unseen", "verified")

    def __init__(self, chain: DraftChain, machine: Machine, narrower: int | None) -> None:
        self.chain, self.base, self.offset, self.unseen, self.verified = chain, 0, 0, 1, 0
        self.limit = machine.lengths.look_ahead
        if narrower is not None:
            self.limit = min(self.limit, narrower)

    @property
    def exhausted(self) -> bool:
        """Whether no more may be drafted before a verdict has been read."""
        return self.offset - self.verified >= self.limit

    def restart(self, verdict: VerdictMessage) -> None:
        """Go on from the target's own token, which the text holds after the verified ones."""
        assert verdict.next_chain is not None
        # After full acceptance the draft was not yet fed its own last token, unless a step of it has begun (nor, if
        # it drafted nothing, what it had not seen before).
        unseen = 1 if verdict.rejected or self.offset > verdict.verified else self.unseen + 1
        self.chain, self.base, self.offset = verdict.next_chain, verdict.base, 0
        self.unseen, self.verified = unseen, 0
