"""What a plan on a measured device rests on, in sentences."""

from ahasd.plain_text import one_line
from ahasd.prediction.from_figures.measured_setting import measured_chance
from ahasd.prediction.from_figures.setting import Setting


def measured_notes(setting: Setting, width: int, drafts: bool, chance: float) -> list[str]:
    """What was measured, what not, and whose acceptance counts; nothing for a device of figures alone.

    Parameters
    ----------
    width
        Rows of the pass that is planned.
    drafts
        Whether a draft model drafts.
    chance
        Of a drafted token, as planned.
    """
    pair = setting.measured
    if pair is None:
        return []
    found = pair.notes(width, drafts)
    counts = pair.acceptance
    if counts is not None and is_measured_acceptance(setting, chance):
        found.append(
            f"The acceptance of {chance:.2f} a token is measured: {counts.accepted} of {counts.drafted} drafted "
            f"tokens, {counts.drafted / (counts.rounds or 1):.1f} a round."
        )
    return [one_line(note) for note in found]


def is_measured_acceptance(setting: Setting, chance: float) -> bool:
    """Whether a chance is the one that was measured on the device."""
    return chance == measured_chance(setting)
