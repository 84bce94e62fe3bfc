"""The likeliest paths, as many as one asks for, by what heads got right so far."""

from collections.abc import Sequence

from ahasd.speculation.trees.growing.best_first import GrownTree, grow
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import TokenTree

#: Passes after which a tree is grown anew from what has been learnt (ours).
REFRESH = 16


class LearntTree(TreePolicy):
    """What policies have in common that grow trees from how often heads were right.

    Parameters
    ----------
    accuracy
        Of the heads, before the run.
    most
        Nodes of the largest tree.
    refresh
        Passes after which the tree is grown anew.
    """

    def __init__(self, accuracy: HeadAccuracy, most: int, refresh: int = REFRESH) -> None:
        self.most = most
        self._accuracy, self._refresh = accuracy, refresh
        self._passes = 0
        self._grown: dict[int, GrownTree] = {}

    def grown(self, deepest: int) -> GrownTree:
        """Return the likeliest paths of at most so many levels."""
        if deepest not in self._grown:
            self._grown[deepest] = grow(
                self._accuracy.each, self.most, deepest, spine=self._accuracy.along_path
            )
        return self._grown[deepest]

    def passed(self, nodes: int, seconds: float) -> None:
        """Count the pass."""
        self._passes += 1
        if self._passes % self._refresh == 0:
            self._grown.clear()
            self.refreshed()

    def refreshed(self) -> None:
        """Do what has to be done when trees are grown anew; nothing for a tree of fixed size."""

    def judged(self, head: int, rank: int | None, said: Sequence[float] = ()) -> None:
        """Count the guess."""
        self._accuracy.judge(head, rank)


class BestFirst(LearntTree):
    """The ``most`` likeliest paths."""

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return the same tree for all rows that the text lets go as deep."""
        return [self.grown(row.deepest).tree for row in rows]
