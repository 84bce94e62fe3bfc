"""ProPD's dynamic tree: as large as what a pass takes here and now makes worth while."""

from collections.abc import Sequence

from ahasd.speculation.trees.growing.sizing import best_size
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.pass_time.pass_time import PassTime
from ahasd.speculation.trees.pass_time.size_table import SizeTable
from ahasd.speculation.trees.policies.best_first import REFRESH, LearntTree
from ahasd.speculation.trees.token_tree import TokenTree

#: A size whose time is stale is tried again if it seems worth this share of the best (ours).
WORTH_A_TRY = 0.75


class DynamicTree(LearntTree):
    """Size by v(n), expected tokens over expected seconds of a pass (arXiv 2402.13485).

    The paper's own has every size from 1 on and a line for the time (`AgedRegression`). Ours has a time for each of a
    few sizes (`SizeTable`), among them 0: where no tree is worth its time it decodes plainly.

    Parameters
    ----------
    accuracy, refresh
        As for `LearntTree`.
    time
        What passes take.
    sizes
        Numbers of nodes to choose from, rising.
    """

    def __init__(
        self, accuracy: HeadAccuracy, time: PassTime, sizes: Sequence[int], refresh: int = REFRESH
    ) -> None:
        super().__init__(accuracy, max(sizes), refresh)
        self._time, self._sizes = time, tuple(sizes)
        self._size: int | None = None
        self._trying = False
        self._chosen: dict[tuple[int, int], TokenTree] = {}

    @property
    def size(self) -> int:
        """Nodes of the next tree, where the text does not end before."""
        if self._size is None:
            self._size = self._next_size()
        return self._size

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return the same tree for all rows that the text lets go as deep."""
        return [self._of(row.deepest) for row in rows]

    def passed(self, nodes: int, seconds: float) -> None:
        """Learn the time; a size that was only tried is followed by another choice at once."""
        self._time.observe(nodes, seconds)
        if self._trying:
            self._size = None
        super().passed(nodes, seconds)

    def refreshed(self) -> None:
        """Choose the size anew."""
        self._size = None
        self._chosen.clear()

    def _of(self, deepest: int) -> TokenTree:
        key = deepest, self.size
        if key not in self._chosen:
            self._chosen[key] = self.grown(deepest).first(self.size)
        return self._chosen[key]

    def _next_size(self) -> int:
        grown = self.grown(len(self._accuracy.each))
        # Paths that are never right make no tree.
        offered = tuple(nodes for nodes in self._sizes if nodes <= grown.tree.nodes) or (grown.tree.nodes,)
        wanted = self._time.wants(offered)
        if wanted is None:
            best = best_size(grown.gains, offered, self._time.seconds)
            wanted = self._stale(grown.gains, offered, best)
            if wanted is None:
                self._trying = False
                return best
        self._trying = True
        return wanted

    def _stale(self, gains: Sequence[float], offered: Sequence[int], best: int) -> int | None:
        """Return a size to try again: not seen for long, and by its old time nearly as good as the best."""
        if not isinstance(self._time, SizeTable):
            return None

        def value(nodes: int) -> float:
            return gains[nodes] / self._time.seconds(nodes)

        stale = [
            nodes
            for nodes in offered
            if self._time.stale(nodes) and value(nodes) >= WORTH_A_TRY * value(best)
        ]
        return max(stale, key=value, default=None)
