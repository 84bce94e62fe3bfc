"""A tree of heads' guesses as a way to draft: its best size, from what passes of each width cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.prediction.from_figures.fitted import fitted
from ahasd.prediction.from_figures.round_cost import UNKNOWN_STEP_S, RoundCost, verify_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.speed_up import SpeedUp
from ahasd.prediction.from_figures.spread import interval_of
from ahasd.prediction.from_figures.target_alone import step_figures
from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.growing.expectation import expected_tokens
from ahasd.speculation.trees.head_accuracy import differences
from ahasd.traces.tree.published import WITHIN

#: Nodes whose passes are 2, 4, 8 or a multiple of 16 tokens wide, up to Medusa's 63.
NODES = (1, 3, 7, 15, 31, 63)

#: Heads of which no accuracy is known are taken to be Medusa's for a 7B; at best those for its 33B; at worst they are
#: right three quarters as often, since the published ones were counted on text that they were trained on (ours).
USUAL, BEST, WORST_SHARE = "medusa-7b", "medusa-33b", 0.75


@dataclass(frozen=True, slots=True)
class TreeOption:
    """The best tree.

    Attributes
    ----------
    nodes
        Of the tree; its pass is a token wider.
    speed_up
        Its interval holds the spread of the heads' accuracy.
    """

    nodes: int
    speed_up: SpeedUp


@dataclass(frozen=True, slots=True)
class HeadChances:
    """How often each candidate of each head is right, H×m, and what that may be at worst and at best."""

    low: Sequence[Sequence[float]]
    middle: Sequence[Sequence[float]]
    high: Sequence[Sequence[float]]


def usual_heads() -> HeadChances:
    """Return Medusa's published accuracies and what they may be worth on other text."""
    middle = differences(WITHIN[USUAL])
    worst = [[WORST_SHARE * share for share in row] for row in middle]
    return HeadChances(worst, middle, differences(WITHIN[BEST]))


def best_tree(
    chances: HeadChances,
    round_of: Callable[[int, float], RoundCost],
    interval: Callable[[float], tuple[float, float]],
    sizes: Sequence[int] = NODES,
) -> TreeOption:
    """Return the size with the highest mean speed-up.

    Parameters
    ----------
    round_of
        What a round costs with so many nodes that emits so many tokens.
    interval
        Ends around a mean speed-up, for what is not known of costs.
    sizes
        Nodes to choose from, at least one.
    """
    grown, found = grow(chances.middle, max(sizes)), []
    for nodes in sizes:
        tree = grown.first(nodes)
        low, middle, high = (
            round_of(nodes, expected_tokens(tree, each))
            for each in (chances.low, chances.middle, chances.high)
        )
        ends = interval(low.speed_up)[0], interval(high.speed_up)[1]
        found.append(TreeOption(nodes, SpeedUp(middle.speed_up, *ends, middle)))
    return max(found, key=lambda option: option.speed_up.mean)


def tree_option(setting: Setting) -> TreeOption | None:
    """Return the best tree in a setting from figures alone; None where the target's size is not known.

    Every head reads a matrix to the vocabulary of its own, as Medusa's published ones do.
    """
    figures, target, steps = fitted(), setting.target, step_figures(setting)
    if not target.active:
        return None
    measured = setting.measured.target_step_s if setting.measured is not None else None
    step = measured or steps.step(target) or UNKNOWN_STEP_S
    reads = len(WITHIN[USUAL]) * target.output_parameters / target.active
    heads = figures.head_share * reads + (figures.head_step_s + steps.host_layer_s) / step

    def round_of(nodes: int, tokens: float) -> RoundCost:
        verify = verify_cost(setting, nodes + 1, step, figures)
        return RoundCost(step, verify, heads, figures.round_s / step, nodes, tokens)

    return best_tree(usual_heads(), round_of, lambda mean: interval_of(mean, setting))
