"""One run with trees on a placed machine."""

from collections.abc import Callable

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.trees.simulated.build_policy import RunAhead, build_policy
from ahasd.speculation.trees.simulated.decoding import TreeDecoding
from ahasd.speculation.trees.simulated.prepare import PreparedTrees
from ahasd.traces.tree.walk import TreeWalk


def decode_trees(
    trees: PreparedTrees,
    placed: PlacedMachine,
    walk: TreeWalk,
    tokens: int,
    drafting: DraftingPolicy | None = None,
    watch: Callable[[int], None] | None = None,
) -> SpeculationOutcome:
    """Decode so many tokens of each text.

    Parameters
    ----------
    drafting
        That ends a chain; None for trees whose policy does not ask it.

    Raises
    ------
    AhasdError
        Nodes are to leave behind a layer that the model does not have.
    """
    layers = placed.models["target"].layers
    if trees.early is not None and trees.early.pruning.layer >= layers:
        raise AhasdError(
            f"pruning after layer {trees.early.pruning.layer} of a model with {layers}: the trace is of a deeper one"
        )
    steps = placed.trees
    policy = build_policy(trees.options, RunAhead(trees.accuracy, steps, placed.lengths, walk), drafting)
    return TreeDecoding(placed.lengths, steps, trees.early, watch).run(walk, policy, tokens)
