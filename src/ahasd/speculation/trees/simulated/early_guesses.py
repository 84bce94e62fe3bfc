"""Which nodes of a tree an early layer keeps, from what a trace recorded of it."""

from collections.abc import Sequence

import numpy as np

from ahasd.speculation.trees.pruning import EarlyPruning, surviving
from ahasd.speculation.trees.token_tree import ROOT, TokenTree
from ahasd.traces.tree.statistics import early_keeps
from ahasd.traces.tree.trace import TreeTrace


class EarlyGuesses:
    """An early layer's guesses at every point of a trace.

    Behind a node on the text's path they were recorded. Behind any other node they were not: there a candidate is
    kept as often as the first head's wrong candidate of the same rank is in the trace (ours).

    Parameters
    ----------
    trace
        With early guesses.
    pruning
        After which of its early layers, and how many tokens are kept.
    """

    def __init__(self, trace: TreeTrace, pruning: EarlyPruning) -> None:
        self.pruning = pruning
        layer = trace.header.early_layers.index(pruning.layer)
        assert trace.early is not None, "a trace whose header names early layers has their guesses"
        early = trace.early[:, layer, : pruning.top]
        positions, heads, _ = trace.candidates.shape
        # Of each candidate, whether it is kept behind the node of the text's path that it would stand behind.
        kept = np.zeros(trace.candidates.shape, np.bool_)
        for head in range(heads):
            at = np.minimum(np.arange(positions) + head, positions - 1)
            kept[:, head] = (trace.candidates[:, head, :, None] == early[at][:, None, :]).any(axis=2)
        self._kept: list[list[list[bool]]] = kept.tolist()
        self._elsewhere: list[float] = early_keeps(trace, layer, pruning.top).tolist()

    def surviving(
        self, tree: TokenTree, row: int, true_ranks: Sequence[int | None], coins: Sequence[float]
    ) -> tuple[int, ...]:
        """Return the nodes that stay.

        Parameters
        ----------
        row
            Point of the trace of the root.
        true_ranks
            Of the text's next tokens among the candidates of head 1, 2, ….
        coins
            A number in [0, 1) for each node.
        """
        path = {ROOT, *tree.accepted(true_ranks)}
        here = self._kept[row]
        likely = [
            here[depth - 1][rank] if parent in path else coin < self._elsewhere[rank]
            for parent, rank, depth, coin in zip(tree.parents, tree.ranks, tree.depths, coins, strict=True)
        ]
        return surviving(tree, likely)
