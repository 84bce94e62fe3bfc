"""What a round of drafting and verifying costs, in steps of the target alone."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.prediction.from_figures.drafted_tokens import drafted_tokens, usual_length
from ahasd.prediction.from_figures.fitted import Fitted
from ahasd.prediction.from_figures.platforms import pass_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import StepFigures, has_bandwidth, step_figures

#: Arithmetic of a row at the cores' peak over the time of a pass of one row, for which slopes are stated.
REFERENCE_BALANCE = 0.05

#: Slopes move with the balance between one over this and this. Beyond are data-centre cards, whose kernels do not do
#: their arithmetic on the ordinary cores alone (a V100 would be at 2.9 and is measured at about 2).
MOST_BALANCE = 2.0

#: A step of the target where its size is not known, in seconds (ours: a 27B of 4 bits on a card of 900 GB/s).
UNKNOWN_STEP_S = 25e-3

#: Formats with more bits than this have less to unpack than k-quants.
_BYTE_BITS = 8.0

#: A head in half precision is read as it is, but no more than so many times the target's bytes per weight count.
_MOST_HEAD_BITS = 4.0

#: Acceptance where copying drafts and none is said (ours).
_COPIED_ACCEPTANCE = 0.4

#: Programs that save and restore a recurrent state around the passes of a draft model (llama.cpp's backends).
_STATE_COPYING = ("cuda", "hip", "vulkan", "metal")


@dataclass(frozen=True, slots=True)
class RoundCost:
    """A round, every time in steps of the target alone.

    Attributes
    ----------
    step_s
        A step of the target alone, in seconds.
    verify, draft, other
        The pass of the target over all drafted tokens; all drafting; what is besides.
    drafted, emitted
        Tokens of a round.
    """

    step_s: float
    verify: float
    draft: float
    other: float
    drafted: float
    emitted: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.verify + self.draft + self.other

    @property
    def speed_up(self) -> float:
        """Tokens per step of the target alone."""
        return self.emitted / self.total


def round_cost(setting: Setting, fitted: Fitted) -> RoundCost | None:
    """Put a round together; None where neither acceptance nor tokens per pass are known."""
    steps = step_figures(setting)
    measured = setting.measured.target_step_s if setting.measured is not None else None
    step = measured or steps.step(setting.target) or UNKNOWN_STEP_S
    if setting.method == "ngram":
        return _copying(setting, step, fitted)
    tokens = drafted_tokens(setting, fitted.likeliest_token)
    if tokens is None:
        return None
    verify = verify_cost(setting, tokens.drafted + 1, step, fitted)
    draft = _draft_cost(setting, tokens.drafted, steps, step, fitted)
    return RoundCost(step, verify, draft, fitted.round_s / step, tokens.drafted, tokens.emitted)


def verify_cost(setting: Setting, width: float, step_s: float, fitted: Fitted) -> float:
    """A pass of the target over some tokens of each sequence, in passes over one of each.

    In the vector kernels each row's arithmetic is added to the stream of weights; how long it takes beside the
    stream is the balance of the machine. A mixture reads in addition what further experts its rows choose. What was
    measured goes before all of this.
    """
    measured = setting.measured.verify(setting.sequences, width) if setting.measured is not None else None
    if measured is not None:
        return measured
    kernel = pass_cost(setting.platform, setting.target.weight_bits, row_slope(setting, step_s, fitted))
    rows = setting.sequences
    cost = interpolated(kernel.relative, rows * width) / kernel.relative(rows)
    if setting.target.mixture:
        cost += fitted.expert_share * (width**fitted.expert_growth - 1)
    return cost


def row_slope(setting: Setting, step_s: float, fitted: Fitted) -> float:
    """What a further row adds in the vector kernel, in passes of one row."""
    slope = fitted.row_slope[setting.platform]
    if setting.platform == "metal" and setting.target.weight_bits > _BYTE_BITS:
        slope *= fitted.byte_format_slope
    rates = [device.vector_rate for device in setting.devices if device.vector_rate]
    if (
        rates
        and setting.target.active
        and has_bandwidth(setting)
        and setting.platform in ("cuda", "hip", "vulkan")
    ):
        rate = sum(rates) / len(rates) * (setting.processors if setting.joint else 1)
        balance = 2 * setting.target.active / rate / step_s / REFERENCE_BALANCE
        slope *= min(max(balance, 1 / MOST_BALANCE), MOST_BALANCE)
    return slope


def interpolated(cost: Callable[[int], float], rows: float) -> float:
    """A cost of whole rows at a mean between two."""
    below = int(rows)
    share = rows - below
    return (1 - share) * cost(below) + share * cost(below + 1) if share > 1e-9 else cost(below)


def _copying(setting: Setting, step: float, fitted: Fitted) -> RoundCost:
    """A mean round: in a share of them something is found in the text, and drafting costs nothing."""
    acceptance = setting.acceptance if setting.acceptance is not None else _COPIED_ACCEPTANCE
    length = setting.draft_length or usual_length(setting)
    found = fitted.copy_share
    if setting.tokens_per_pass is not None:
        found = min(1.0, (setting.tokens_per_pass - 1) / max(acceptance * length, 0.1))
    further = verify_cost(setting, length + 1, step, fitted) - 1
    other = found * fitted.round_s / step
    return RoundCost(step, 1 + found * further, 0.0, other, found * length, 1 + found * acceptance * length)


def _draft_cost(setting: Setting, drafted: float, steps: StepFigures, step: float, fitted: Fitted) -> float:
    if setting.method == "layer-skip":
        return drafted * fitted.skip_share
    if setting.method == "draft-model":
        return _draft_model_cost(setting, drafted, steps, step, fitted)
    head = fitted.head_share * head_reads(setting)
    head += (fitted.head_step_s + steps.host_layer_s) / step
    if setting.method in ("dflash", "dspark"):
        return head + fitted.block_share
    return drafted * head


def _draft_model_cost(
    setting: Setting, drafted: float, steps: StepFigures, step: float, fitted: Fitted
) -> float:
    measured = setting.measured.draft_step_s if setting.measured is not None else None
    own = steps.step(setting.draft) if setting.draft is not None else None
    if own is None:
        own = step / 20  # a draft of unknown size (ours): one twentieth of the target
    # A measured step holds the launches that figures do not know.
    cost = drafted * (measured if measured is not None else own + fitted.draft_step_s) / step
    if setting.target.recurrent and setting.platform in _STATE_COPYING:
        cost += fitted.state_copy_s / step
    return cost


def head_reads(setting: Setting) -> float:
    """Bytes that a drafted token reads of a head over those of a step of the target.

    One layer and the output layer, as far as the head's own file does not say it.
    """
    target, head = setting.target, setting.head
    if head is not None and target.read_bytes is not None:
        return head.step_bytes / target.read_bytes
    active = target.active or target.parameters or 27e9
    draft = setting.draft
    wider = min(draft.weight_bits / target.weight_bits, _MOST_HEAD_BITS) if draft is not None else 1.0
    return min(target.output_parameters / active + wider / target.layers, 0.9)
