"""Always the same tree, as Medusa does."""

from collections.abc import Sequence

from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import TokenTree


class StaticTree(TreePolicy):
    """One tree for the whole run; where the text ends before it does, its deeper levels are left out.

    Parameters
    ----------
    tree
        Which.
    """

    def __init__(self, tree: TokenTree) -> None:
        self._cut = {tree.depth: tree}
        self._tree = tree

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return the tree, as deep as each row allows."""
        return [self._to(row.deepest) for row in rows]

    def _to(self, deepest: int) -> TokenTree:
        deepest = min(deepest, self._tree.depth)
        if deepest not in self._cut:
            kept = [node for node, depth in enumerate(self._tree.depths) if depth <= deepest]
            self._cut[deepest] = self._tree.only(kept)
        return self._cut[deepest]
