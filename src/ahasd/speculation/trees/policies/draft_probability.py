"""The likeliest paths by what the heads themselves say at this point of the text."""

from collections.abc import Sequence

from ahasd.speculation.trees.growing.best_first import grow
from ahasd.speculation.trees.guesses import Guesses
from ahasd.speculation.trees.policy import TreePolicy
from ahasd.speculation.trees.token_tree import TokenTree


class DraftProbability(TreePolicy):
    """DySpec's expansion: the likeliest path next, by draft probability, each row and each pass anew.

    arXiv 2410.11744. Its draft is a model whose guesses depend on the path; those of heads do not.

    Parameters
    ----------
    most
        Nodes of a tree.
    least
        Path probability below which a path is not taken.
    spine
        Whether only first candidates have children: where a draft has read its own first candidates, what it says
        holds behind no others.
    """

    reads_probability = True

    def __init__(self, most: int, least: float = 0.0, spine: bool = False) -> None:
        self.most, self.least, self.spine = most, least, spine

    def choose(self, rows: Sequence[Guesses]) -> list[TokenTree]:
        """Grow a tree for each row."""
        return [grow(row.probability, self.most, row.deepest, self.least, self.spine).tree for row in rows]
