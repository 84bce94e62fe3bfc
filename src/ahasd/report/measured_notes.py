"""What a plan on a measured device rests on, in sentences."""

from ahasd.plain_text import one_line
from ahasd.prediction.from_figures.plan import Plan


def measured_notes(plan: Plan) -> list[str]:
    """What of the best way and of the named draft was measured; nothing for a device of figures alone."""
    pair = plan.setting.measured
    if pair is None:
        return []
    drafts = any(option is not None and option.method == "draft-model" for option in (plan.best, plan.asked))
    return [one_line(note) for note in pair.notes(plan.best.draft_length + 1, drafts)]
