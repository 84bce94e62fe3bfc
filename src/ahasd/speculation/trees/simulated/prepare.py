"""What a run with trees knows of its heads beforehand: from prompts that it then does not replay."""

from collections.abc import Iterable
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.speculation.options.trees import StaticTreeOptions, TreeOptions
from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.pruning import EarlyPruning, PruningChoice, calibrate_pruning
from ahasd.speculation.trees.published import medusa_63
from ahasd.speculation.trees.simulated.early_guesses import EarlyGuesses
from ahasd.traces.tree.statistics import accuracy, early_recall
from ahasd.traces.tree.trace import TreeTrace

#: How many of an early layer's guesses pruning may keep, up to all that were recorded (ours).
TOPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

_SOURCES = {
    "static": "arXiv 2401.10774",
    "chain": "the drafting algorithm on the heads' first candidates",
    "best-first": "likeliest paths, a fixed number",
    "draft-probability": "arXiv 2410.11744",
    "propd": "arXiv 2402.13485",
    "size-table": "ours",
    "optimal": "arXiv 2402.12374",
    "clairvoyant": "a bound",
}


@dataclass(frozen=True)
class PreparedTrees:
    """Trees of a run.

    Attributes
    ----------
    options
        Of the system.
    trace
        What is replayed: without the held-out prompts.
    accuracy
        H×m: how often each candidate is right on them.
    early
        What an early layer guesses, if nodes are pruned by it.
    remarks
        What a reader of the result must know of all that.
    """

    options: TreeOptions
    trace: TreeTrace
    accuracy: Probabilities
    early: EarlyGuesses | None
    remarks: tuple[str, ...]

    @property
    def most_nodes(self) -> int:
        """Nodes of the largest tree."""
        tree = self.options.tree
        if isinstance(tree, StaticTreeOptions):
            return medusa_63().nodes
        return getattr(tree, "nodes", self.trace.heads)

    @property
    def provenance(self) -> str:
        """Where the policy is from."""
        return _SOURCES[self.options.tree.policy]

    def __str__(self) -> str:
        tree = self.options.tree
        return f"tree:{tree.tree if isinstance(tree, StaticTreeOptions) else tree.policy}"


def prepare_trees(options: TreeOptions, trace: TreeTrace) -> PreparedTrees:
    """Look at a quarter of the prompts, and leave the others to be replayed.

    On a trace of a single prompt every candidate is supposed to be right half as often as the one before it.

    Raises
    ------
    AhasdError
        The tree is deeper than the heads or wider than their candidates, or pruning lacks early guesses.
    """
    if isinstance(options.tree, StaticTreeOptions):
        _check_fits(trace)
    if options.pruning == "forced" and trace.early is None:
        raise AhasdError(
            "system.pruning is forced, and the trace has no early guesses to prune by: record them, or make them up "
            "(synthetic-tree:early_layer=4,early_recall=0.9)"
        )
    remarks: list[str] = []
    if trace.prompts > 1:
        held_out, rest = trace.split_prompts()
        each: Probabilities = accuracy(held_out).tolist()
        choice = _pruning(options, held_out, f"{held_out.prompts} held-out prompts")
    else:
        rest, each = trace, [[2.0 ** -(rank + 1) for rank in range(trace.top)]] * trace.heads
        remarks.append("a trace of one prompt spares none: how often heads are right is learnt in the run")
        choice = _pruning(options, None, "")
    early = None
    if choice is not None:
        remarks.append(choice.sentence.rstrip("."))
        early = None if choice.pruning is None else EarlyGuesses(rest, choice.pruning)
    return PreparedTrees(options, rest, each, early, tuple(remarks))


def recalls(trace: TreeTrace) -> dict[EarlyPruning, float]:
    """Return how much of the text each way to prune keeps that was recorded."""
    return {
        EarlyPruning(layer, top): early_recall(trace, place, top)
        for place, layer in enumerate(trace.header.early_layers)
        for top in _tops(trace.early_top)
    }


def _tops(most: int) -> Iterable[int]:
    return sorted({*(top for top in TOPS if top < most), most})


def _pruning(options: TreeOptions, held_out: TreeTrace | None, on: str) -> PruningChoice | None:
    """None where pruning was not asked for."""
    if options.pruning == "off":
        return None
    if held_out is None:
        if options.pruning == "forced":
            raise AhasdError(
                "system.pruning is forced: it chooses on held-out prompts, and the trace has one prompt"
            )
        return PruningChoice(None, 0.0, "Early pruning is off: the trace has no prompt to hold out.")
    found = recalls(held_out)
    if options.pruning == "calibrated":
        return calibrate_pruning(found, options.early_recall)
    best = max(found, key=lambda choice: (found[choice], -choice.layer, -choice.top))
    return PruningChoice(
        best,
        found[best],
        f"Early pruning is forced: the first {best.top} tokens after layer {best.layer} keep {found[best]:.1%} of "
        f"the text's tokens on {on}, and each one that is lost cuts a path.",
    )


def _check_fits(trace: TreeTrace) -> None:
    tree = medusa_63()
    wide = 1 + max(tree.ranks)
    if trace.heads < tree.depth or trace.top < wide:
        raise AhasdError(
            f"the static tree is {tree.depth} deep and {wide} wide; the trace has {trace.heads} heads with "
            f"{trace.top} candidates each. System tree-best-first grows one from the heads that there are"
        )
