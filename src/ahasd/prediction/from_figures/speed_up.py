"""What speculative decoding does in a setting, from figures alone: the speed-up over the target alone."""

from dataclasses import dataclass, replace

from ahasd.prediction.from_figures.fitted import Fitted, fitted
from ahasd.prediction.from_figures.round_cost import RoundCost, round_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.spread import interval_of
from ahasd.prediction.from_figures.target_alone import step_figures

#: Ends of an interval of measured times over the mean, as a share: the largest miss of the shown rows (ours).
MEASURED_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """Speed over that of the target alone, with the interval that is to hold four of five measurements.

    Attributes
    ----------
    cost
        What a round is made of.
    """

    mean: float
    low: float
    high: float
    cost: RoundCost

    @property
    def pays(self) -> str:
        """``yes``, ``no`` or ``measure``, which is all that can be said if the interval straddles 1."""
        return "yes" if self.low > 1 else "no" if self.high < 1 else "measure"


def predict_speed_up(setting: Setting, figures: Fitted | None = None) -> SpeedUp | None:
    """Predict from the setting alone; None where neither acceptance nor tokens per pass are known."""
    cost = round_cost(setting, figures or fitted())
    if cost is None:
        return None
    mean = cost.speed_up
    if _is_measured(setting, cost):
        return SpeedUp(mean, mean * (1 - MEASURED_SPREAD), mean * (1 + MEASURED_SPREAD), cost)
    low, high = interval_of(mean, setting)
    return SpeedUp(mean, low, high, cost)


def _is_measured(setting: Setting, cost: RoundCost) -> bool:
    """Whether the passes of a round were all measured; one that was interpolated keeps the interval of figures."""
    pair = setting.measured
    if pair is None or setting.sequences > 1:
        return False
    width = (setting.draft_length or cost.drafted) + 1
    drafts = setting.method != "draft-model" or pair.draft_step_s is not None
    return drafts and width == int(width) and pair.is_measured(int(width))


def predict_from_pass(
    setting: Setting, pass_cost: float, whole_round: bool, draft: float | None = None
) -> SpeedUp | None:
    """Predict with a pass of the target over drafted tokens that was measured.

    Parameters
    ----------
    pass_cost
        In steps of the target alone.
    whole_round
        Whether it holds drafting and all else of a round.
    draft
        All drafting of a round, in steps of the target alone, where measured too; else it is predicted.
    """
    cost = round_cost(setting, fitted())
    if cost is None:
        return None
    drafting = 0.0 if whole_round else cost.draft if draft is None else draft
    measured = replace(cost, verify=pass_cost, draft=drafting, other=0.0 if whole_round else cost.other)
    mean = measured.speed_up
    return SpeedUp(mean, mean * (1 - MEASURED_SPREAD), mean * (1 + MEASURED_SPREAD), measured)


def tokens_per_second_alone(setting: Setting) -> float | None:
    """What the target writes alone; None where its size or the device is not known."""
    if setting.measured is not None and setting.measured.target_step_s is not None:
        return 1 / setting.measured.target_step_s
    if not setting.devices and setting.peak_bandwidth is None:
        return None
    step = step_figures(setting).step(setting.target)
    return 1 / step if step else None
