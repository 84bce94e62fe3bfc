"""What became of drafts, counted over rounds."""

from collections.abc import Iterable
from dataclasses import dataclass

from ahasd.speech.recycling.replay import Round


@dataclass(frozen=True, slots=True)
class DraftCounts:
    """Sums over rounds.

    Attributes
    ----------
    rounds, draft_passes
        Passes of the target that verify, and passes of the draft.
    drafted
        Tokens that the draft wrote anew, those of branches included.
    recycled
        Tokens of rejected suffixes that were proposed again: as they were, or confirmed by a masked pass.
    accepted
        Of all proposed ones.
    written
        Tokens that the transcripts grew by in rounds.
    """

    rounds: int
    draft_passes: int
    drafted: int
    recycled: int
    accepted: int
    written: int

    @property
    def proposed(self) -> int:
        """Drafted and recycled."""
        return self.drafted + self.recycled

    @property
    def acceptance_ratio(self) -> float | None:
        """Accepted of the proposed tokens; None if nothing was proposed."""
        return self.accepted / self.proposed if self.proposed else None


def count(rounds: Iterable[Round]) -> DraftCounts:
    """Add rounds up."""
    listed = list(rounds)
    return DraftCounts(
        rounds=len(listed),
        draft_passes=sum(len(one.draft_passes) for one in listed),
        drafted=sum(one.drafted.drafted - one.drafted.confirmed + one.drafted.branched for one in listed),
        recycled=sum(one.drafted.reused + one.drafted.confirmed for one in listed),
        accepted=sum(len(one.verdict.accepted) for one in listed),
        written=sum(one.emitted for one in listed),
    )
