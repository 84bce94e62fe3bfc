"""The best tree for a machine whose costs are known."""

from collections.abc import Sequence

from ahasd.speculation.trees.growing.optimum import PassSeconds, optimal_tree
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.head_accuracy import HeadAccuracy
from ahasd.speculation.trees.policies.best_first import REFRESH, LearntTree
from ahasd.speculation.trees.token_tree import TokenTree


class Optimal(LearntTree):
    """Sequoia's: the tree with the most expected tokens per second by a table of costs, which is given.

    Parameters
    ----------
    accuracy, most, refresh
        As for `LearntTree`.
    seconds
        What passes cost.
    """

    def __init__(
        self, accuracy: HeadAccuracy, most: int, seconds: PassSeconds, refresh: int = REFRESH
    ) -> None:
        super().__init__(accuracy, most, refresh)
        self._seconds = seconds
        self._best: dict[int, TokenTree] = {}

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Return the same tree for all rows that the text lets go as deep."""
        return [self._to(row.deepest) for row in rows]

    def refreshed(self) -> None:
        """Forget the trees."""
        self._best.clear()

    def _to(self, deepest: int) -> TokenTree:
        if deepest not in self._best:
            self._best[deepest] = optimal_tree(self._accuracy.each[:deepest], self._seconds, self.most).tree
        return self._best[deepest]
