"""Acceptance from what a draft and a target really decided: a recorded trace."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ahasd.errors import AhasdError
from ahasd.intervals import Interval
from ahasd.prediction.from_figures.acceptance import Acceptance, Chance
from ahasd.prediction.from_figures.drafted_tokens import chance_of_share
from ahasd.prediction.from_figures.setting import DraftMethod
from ahasd.prediction.ratio import ratio
from ahasd.traces.rollout.rollout import RolloutTrace

#: Half width of 80 % over that of 95 % of a normal distribution.
_EIGHTY = 1.282 / 1.960


@dataclass(frozen=True, slots=True)
class TraceAcceptance(Acceptance):
    """Tokens that were accepted before the first rejection, at each draft length; the interval is over the prompts.

    Attributes
    ----------
    trace, label
        Recorded with a draft model, and what it is called.
    others
        Answers for methods that draft otherwise.
    """

    trace: RolloutTrace
    label: str
    others: Acceptance

    def chance(self, method: DraftMethod, length: int) -> Chance | None:
        """The chance that makes as many accepted tokens as the trace holds at this length."""
        if method != "draft-model":
            return self.others.chance(method, length)
        found = accepted_share_of(self.trace, min(length, self.trace.steps))
        half = (found.half_width or 0.0) * _EIGHTY
        low, middle, high = (
            chance_of_share(min(max(share, 0.0), 1.0), length)
            for share in (found.mean - half, found.mean, found.mean + half)
        )
        return Chance(low, middle, high, "trace")

    def notes(self, method: DraftMethod) -> list[str]:
        """Which trace it was, and of which models."""
        if method != "draft-model":
            return self.others.notes(method)
        header = self.trace.header
        return [
            f"The acceptance is that of trace {self.label} ({self.trace.positions} tokens of {self.trace.prompts} "
            f"prompts; {header.draft} for {header.target}); its spread is over the prompts."
        ]


def accepted_share_of(trace: RolloutTrace, length: int) -> Interval:
    """Accepted over drafted tokens at a draft length, the first rejection ending a round.

    Raises
    ------
    AhasdError
        The length is not recorded.
    """
    if not 1 <= length <= trace.steps:
        raise AhasdError(f"the trace holds drafts of {trace.steps} tokens, not of {length}")
    kept = np.cumprod(trace.accepted[:, :length], axis=1, dtype=np.int64).sum(axis=1)
    starts = trace.prompt_start
    accepted = [int(kept[start:end].sum()) for start, end in pairwise(starts)]
    drafted = [float(length * (end - start)) for start, end in pairwise(starts)]
    return ratio(accepted, drafted)
