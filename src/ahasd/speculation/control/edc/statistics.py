"""What EDC decided, against what became of the batches."""

from dataclasses import dataclass


@dataclass(slots=True)
class EdcStatistics:
    """Decisions, and those whose batch met a verdict against it (a flushed batch never does).

    Attributes
    ----------
    continued, stopped
        Decisions to keep drafting, and not to.
    continued_accepted, continued_rejected, stopped_accepted, stopped_rejected
        By decision and whether the batch was accepted in full.
    """

    continued: int = 0
    stopped: int = 0
    continued_accepted: int = 0
    continued_rejected: int = 0
    stopped_accepted: int = 0
    stopped_rejected: int = 0

    @property
    def decisions(self) -> int:
        """Batches that a decision followed."""
        return self.continued + self.stopped

    @property
    def judged(self) -> int:
        """Decisions whose batch met a verdict."""
        return (
            self.continued_accepted + self.continued_rejected + self.stopped_accepted + self.stopped_rejected
        )

    @property
    def correct(self) -> int:
        """Decisions that the batch's own fate bore out."""
        return self.continued_accepted + self.stopped_rejected

    def decided(self, keep_drafting: bool) -> None:
        """Count a decision."""
        if keep_drafting:
            self.continued += 1
        else:
            self.stopped += 1

    def met_verdict(self, keep_drafting: bool, accepted: bool) -> None:
        """Count the fate of a batch that a decision followed."""
        if keep_drafting and accepted:
            self.continued_accepted += 1
        elif keep_drafting:
            self.continued_rejected += 1
        elif accepted:
            self.stopped_accepted += 1
        else:
            self.stopped_rejected += 1
