"""The text as far as it is verified, the chain drafted on from there, and the verdicts that move it."""

from typing import NamedTuple

from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.traces.rollout.walk import DraftChain, TraceWalk


class BatchMessage(NamedTuple):
    """A message from the drafter to the verifier: a batch was drafted.

    Attributes
    ----------
    chain, start, end
        Tokens ``start … end - 1`` of a draft chain.
    available
        Picosecond from which the verifier can see it.
    """

    chain: DraftChain
    start: int
    end: int
    available: int


class VerdictMessage(NamedTuple):
    """A message from the verifier to the drafter.

    Attributes
    ----------
    chain
        The chain it is about.
    verified
        Its tokens before this offset are emitted.
    rejected
        Whether the token at ``verified`` was rejected.
    next_chain
        Where to draft on if the text left the chain: after a rejection, or a bonus token.
    base
        Tokens emitted when ``next_chain`` began.
    available
        Picosecond at which the drafter can read it.
    """

    chain: DraftChain
    verified: int
    rejected: bool
    next_chain: DraftChain | None
    base: int
    available: int


class Text:
    """What is emitted, and the drafted tokens that follow it.

    Tokens are counted along the chain: offset j of the chain is token ``base + j`` of the text.

    Attributes
    ----------
    chain
        The chain whose accepted tokens are the text.
    base
        Tokens emitted when it began.
    verified
        Its tokens before this offset have verdicts and are emitted.
    drafts
        Finished draft steps on it, by offset.
    """

    def __init__(self, walk: TraceWalk, ledger: TokenLedger) -> None:
        self._walk, self.ledger = walk, ledger
        self.chain = walk.start()
        self.base = 0
        self.verified = 0
        self.drafts: list[ModelStep] = []

    def drafted(self, chain: DraftChain, task: ModelStep) -> None:
        """Count a finished draft step; one on a chain that the text has left is flushed."""
        self.ledger.drafted += 1
        if chain is self.chain:
            self.drafts.append(task)
        else:
            task.fate = Fate.FLUSHED
            self.ledger.flushed += 1

    def accept(self, until: int, now: int) -> int:
        """Emit drafted tokens up to an offset.

        Raises
        ------
        AssertionError
            A token would be emitted twice, or before it was drafted.
        """
        if not self.verified <= until <= len(self.drafts):
            raise AssertionError(f"emit up to {until}: {self.verified} are out, {len(self.drafts)} drafted")
        count = until - self.verified
        for task in self.drafts[self.verified : until]:
            task.fate = Fate.ACCEPTED
        self.verified = until
        self.ledger.emit(count, own=0, now=now)
        return count

    def reject(self, now: int) -> None:
        """Replace the token after the verified ones by the target's own; flush what was drafted after it."""
        self.drafts[self.verified].fate = Fate.REJECTED
        self.ledger.rejected += 1
        for task in self.drafts[self.verified + 1 :]:
            task.fate = Fate.FLUSHED
            self.ledger.flushed += 1
        self._own_token(now)

    def bonus(self, now: int) -> None:
        """Emit the target's own token after everything drafted was accepted."""
        if self.verified != len(self.drafts):
            raise AssertionError("a bonus token where a drafted token stands")
        self._own_token(now)

    def _own_token(self, now: int) -> None:
        self.ledger.emit(0, own=1, now=now)
        self.chain = self._walk.after(self.chain, self.verified)
        self.base = self.ledger.emitted
        self.verified = 0
        self.drafts = []
