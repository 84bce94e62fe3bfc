"""From a system's options to its policy, with what was learnt of the heads beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.machine import Lengths
from ahasd.speculation.options.trees import (
    BestFirstOptions,
    ChainOptions,
    ClairvoyantOptions,
    DraftProbabilityOptions,
    OptimalOptions,
    PropdOptions,
    SizeTableOptions,
    StaticTreeOptions,
    TreeOptions,
)
from ahasd.speculation.trees.growing.optimum import PassSeconds
from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.aged_regression import AgedRegression
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.best_first import BestFirst
from ahasd.speculation.trees.policies.chain import DraftedChain
from ahasd.speculation.trees.policies.clairvoyant import Clairvoyant
from ahasd.speculation.trees.policies.draft_probability import DraftProbability
from ahasd.speculation.trees.policies.optimal import Optimal
from ahasd.speculation.trees.policies.propd import DynamicTree
from ahasd.speculation.trees.policies.static import StaticTree
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.published import medusa_63
from ahasd.speculation.trees.simulated.steps import TreeSteps
from ahasd.traces.tree.walk import TreeWalk

#: Rows of a pass that kernels are made for: 1, 2, 4, and multiples of this (ours; facts of one CPU).
ROWS = 16


@dataclass(frozen=True, slots=True)
class RunAhead:
    """What is known before a run.

    Attributes
    ----------
    accuracy
        H×m: how often each candidate was right on held-out prompts.
    steps, lengths
        What rounds cost, and how long texts are: for policies that know the machine.
    walk
        What the texts will be: for bounds.
    """

    accuracy: Probabilities
    steps: TreeSteps
    lengths: Lengths
    walk: TreeWalk


def build_policy(options: TreeOptions, ahead: RunAhead, drafting: DraftingPolicy | None) -> TreePolicy:
    """Build the policy of a run.

    Parameters
    ----------
    drafting
        That ends a chain; None for options that do not ask it.
    """
    tree, accuracy = options.tree, HeadAccuracy(ahead.accuracy)
    match tree:
        case StaticTreeOptions():
            return StaticTree(medusa_63())
        case ChainOptions():
            assert drafting is not None, "a chain has an algorithm"
            return DraftedChain(drafting)
        case BestFirstOptions():
            return BestFirst(accuracy, tree.nodes, tree.refresh)
        case DraftProbabilityOptions():
            return DraftProbability(tree.nodes, tree.least)
        case PropdOptions():
            regression = AgedRegression(tree.share, tree.decay)
            return DynamicTree(accuracy, regression, range(1, tree.nodes + 1), tree.refresh)
        case SizeTableOptions():
            return DynamicTree(accuracy, SizeTable(tree.share), offered_sizes(tree.nodes), tree.refresh)
        case OptimalOptions():
            return Optimal(accuracy, tree.nodes, _in_the_middle(ahead), tree.refresh)
        case ClairvoyantOptions():
            return _clairvoyant(ahead)


def offered_sizes(most: int) -> Sequence[int]:
    """Return the sizes whose passes are 1, 2, 4, 8 or a multiple of 16 tokens wide, up to the largest."""
    widths = [1, 2, 4, 8, *range(ROWS, most + 2, ROWS)]
    sizes = [width - 1 for width in widths if width - 1 <= most]
    return sizes if sizes[-1] == most else [*sizes, most]


def _in_the_middle(ahead: RunAhead) -> PassSeconds:
    """Seconds of a round by nodes, in the middle of the texts (ours)."""
    context = ahead.lengths.prompt + ahead.lengths.generated // 2
    return lambda nodes, depth: ahead.steps.round_seconds(ahead.walk.texts, nodes, context)


def _clairvoyant(ahead: RunAhead) -> Clairvoyant:
    walk, lengths = ahead.walk, ahead.lengths
    right = [
        [_leading(walk.true_ranks(walk.row(text, emitted))) for emitted in range(lengths.generated)]
        for text in range(walk.texts)
    ]
    walk.wraps = 0

    def seconds(nodes: int, emitted: int) -> float:
        return ahead.steps.round_seconds(walk.texts, nodes, lengths.prompt - 1 + emitted, chain=True)

    return Clairvoyant(right, seconds)


def _leading(ranks: Sequence[int | None]) -> list[int]:
    """Return the ranks before the first that is not known."""
    found = []
    for rank in ranks:
        if rank is None:
            break
        found.append(rank)
    return found
