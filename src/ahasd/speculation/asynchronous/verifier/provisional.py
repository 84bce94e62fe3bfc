"""Provisional verdicts: what a pre-verification found, until the text before it has its verdicts."""

from dataclasses import dataclass

from ahasd.speculation.asynchronous.shared import Shared
from ahasd.speculation.asynchronous.verifier.verdicts import Verdicts
from ahasd.speculation.control.tvc.tvc import TimeAwareVerificationControl
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.traces.rollout.walk import DraftChain


@dataclass(frozen=True, slots=True)
class Provisional:
    """What a pre-verification found: tokens ``start … until - 1`` accepted, the next one rejected or untested.

    It commits when everything before ``start`` has committed.
    """

    chain: DraftChain
    start: int
    until: int
    rejected: bool
    task: ModelStep

    @property
    def end(self) -> int:
        """Offset after the last token that it tells something about."""
        return self.until + self.rejected


class ProvisionalVerdicts:
    """Holds one pre-verification's findings, commits or drops them.

    Attributes
    ----------
    held
        What waits to be committed.
    """

    def __init__(self, shared: Shared, verdicts: Verdicts, tvc: TimeAwareVerificationControl | None) -> None:
        self._shared, self._verdicts, self._tvc = shared, verdicts, tvc
        self.held: Provisional | None = None

    def hold(self, found: Provisional) -> None:
        """Keep a finding, or drop one that tells nothing new."""
        text = self._shared.text
        if found.chain is not text.chain or found.end <= text.verified:
            self.drop(found)  # the text went elsewhere, or the pass was faster
        else:
            self.held = found

    def take(self, verified: int) -> Provisional | None:
        """Hand over what is held if it tells of tokens past the offset up to which a pass has verified."""
        found, self.held = self.held, None
        if found is not None and found.end <= verified:
            self.drop(found)  # the pass was faster
            return None
        return found

    def commit_held(self, pass_runs: bool) -> bool:
        """Commit what is held once everything before it has a verdict and its own can be sent; whether it was."""
        found, feedback = self.held, self._shared.feedback
        # A running pass needs a place for its own verdict.
        promised = int(pass_runs)
        if (
            found is None
            or self._shared.text.verified < found.start
            or len(feedback) + promised >= feedback.capacity
        ):
            return False
        self.held = None
        self.commit(found)
        return True

    def commit(self, found: Provisional) -> None:
        """Emit what was pre-verified; that holds the target's own token where it rejected one.

        Raises
        ------
        AssertionError
            Something before it has no verdict yet.
        """
        shared, text = self._shared, self._shared.text
        if text.verified < found.start:
            raise AssertionError(f"commit from {found.start}: only {text.verified} tokens are verified")
        useful = max(0, found.until - text.verified) + found.rejected
        found.task.fate = Fate.USED if useful else Fate.DROPPED
        if self._tvc is not None:
            self._tvc.committed(useful)
        if shared.machine.conflicts.needs_entries:
            shared.entries.require(found.task.context)
        shared.entries.add(found.task.context + found.task.width)
        text.ledger.verified(text.accept(max(found.until, text.verified), shared.now))
        self._verdicts.settle(found.chain, text.verified, found.rejected, bonus=False)

    def drop(self, found: Provisional) -> None:
        """Forget a pre-verification: it was a pass of the target that brought nothing."""
        found.task.fate = Fate.DROPPED
        self._shared.text.ledger.verified(accepted=0)
