"""The formula that calculators use, to be held beside the prediction."""

from ahasd.prediction.from_figures.drafted_tokens import usual_length
from ahasd.prediction.from_figures.round_cost import UNKNOWN_STEP_S
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import step_figures

#: Passes of a head of the target's own over passes of the target, as calculators have it (ours: one layer of 30).
_HEAD_COST = 1 / 30


def textbook_speed_up(setting: Setting) -> float | None:
    """(1 − α^(γ+1)) / (1 − α) / (γc + 1), Leviathan et al., arXiv 2211.17192, theorem 3.8.

    A pass over several tokens costs as much as one over one, and a draft step the share c of it that the bytes of
    the two models say. None where neither acceptance nor tokens per pass are known.
    """
    length = setting.draft_length or usual_length(setting)
    acceptance = setting.acceptance
    if acceptance is None:
        if setting.tokens_per_pass is None:
            return None
        acceptance = min(1.0, (setting.tokens_per_pass - 1) / length)
    tokens = length + 1 if acceptance >= 1 else (1 - acceptance ** (length + 1)) / (1 - acceptance)
    return tokens / (length * _draft_share(setting) + 1)


def _draft_share(setting: Setting) -> float:
    if setting.method == "ngram":
        return 0.0
    if setting.method != "draft-model" or setting.draft is None:
        return _HEAD_COST
    draft, target = setting.draft.read_bytes, setting.target.read_bytes
    if draft is None:
        return 1 / 20
    if target is None:
        return draft * step_figures(setting).seconds_per_byte / UNKNOWN_STEP_S
    return draft / target
