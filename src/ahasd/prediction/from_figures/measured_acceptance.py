"""Acceptance that was measured on a device with the same pair."""

from dataclasses import dataclass
from math import sqrt

from ahasd.hardware.measured.measured_device import Acceptance as Counts
from ahasd.prediction.from_figures.acceptance import Acceptance, Chance
from ahasd.prediction.from_figures.drafted_tokens import chance_of_share
from ahasd.prediction.from_figures.setting import DraftMethod, Setting

#: Half width of an interval of 80 % of a normal distribution, in standard deviations.
_EIGHTY = 1.282


@dataclass(frozen=True, slots=True)
class MeasuredAcceptance(Acceptance):
    """What a log counted of a draft model; the interval is that of a share of so many independent tokens.

    Tokens of a text are not independent, and another text is another one: the interval is the least that there is.

    Attributes
    ----------
    counts
        Drafted and accepted tokens, with the mean draft length known.
    others
        Answers for methods that draft otherwise.
    """

    counts: Counts
    others: Acceptance

    def chance(self, method: DraftMethod, length: int) -> Chance | None:
        """The chance that makes the share that was measured at its own draft length, whatever the planned one."""
        if method != "draft-model":
            return self.others.chance(method, length)
        share = self.counts.share
        half = _EIGHTY * sqrt(share * (1 - share) / self.counts.drafted)
        measured_at = max(1.0, self.counts.mean_length or 1.0)
        low, middle, high = (
            chance_of_share(min(max(each, 0.0), 1.0), measured_at)
            for each in (share - half, share, share + half)
        )
        return Chance(low, middle, high, "measured device")

    def notes(self, method: DraftMethod) -> list[str]:
        """What was counted."""
        if method != "draft-model":
            return self.others.notes(method)
        counts, chance = self.counts, self.chance(method, 1)
        assert chance is not None
        return [
            f"The acceptance of {chance.middle:.2f} a token is measured: {counts.accepted} of {counts.drafted} "
            f"drafted tokens, {counts.mean_length:.1f} a round."
        ]


def measured_acceptance(setting: Setting, others: Acceptance) -> Acceptance:
    """What was measured of the pair of a setting, and else what others say."""
    counts = setting.measured.acceptance if setting.measured is not None else None
    if setting.draft is None or counts is None or counts.mean_length is None or not counts.drafted:
        return others
    return MeasuredAcceptance(counts, others)
