"""The tree of the likeliest paths, grown node by node: the best of its size where heads are independent."""

from dataclasses import dataclass

from ahasd.speculation.trees.growing.likeliest_paths import GrowingTree, likeliest_paths
from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.token_tree import TokenTree


@dataclass(frozen=True, slots=True)
class GrownTree:
    """A tree whose first n nodes are, for every n, the likeliest n paths.

    Parameters
    ----------
    tree
        Its nodes in falling order of path probability.
    path_probability
        Of each node.
    """

    tree: TokenTree
    path_probability: tuple[float, ...]

    def first(self, nodes: int) -> TokenTree:
        """Return the best tree of so many nodes; all there are if it has fewer."""
        return TokenTree(self.tree.parents[:nodes], self.tree.ranks[:nodes])

    @property
    def gains(self) -> tuple[float, ...]:
        """Expected tokens of a pass by the number of nodes, from 0 on."""
        found, total = [1.0], 1.0
        for probability in self.path_probability:
            total += probability
            found.append(total)
        return tuple(found)


def grow(
    probability: Probabilities,
    nodes: int,
    deepest: int | None = None,
    least: float = 0.0,
    spine: bool = False,
) -> GrownTree:
    """Grow a tree by its likeliest path, as Medusa's and Sequoia's authors do for a given size.

    A path is never likelier than the one that it goes on from, so the likeliest n paths make a tree, and no other of
    n nodes brings more.

    Parameters
    ----------
    probability
        H×m.
    nodes
        At most so many.
    deepest
        Heads that may be used; all if not given.
    least
        Paths that are less likely, or not likely at all, are left out.
    spine
        Whether only first candidates have children.
    """
    growing = GrowingTree(probability if deepest is None else probability[:deepest], spine)
    if nodes:
        for likely in likeliest_paths([growing]):
            if likely < least:
                return GrownTree(
                    growing.tree.only(range(len(growing.likely) - 1)), tuple(growing.likely[:-1])
                )
            if len(growing.likely) == nodes:
                break
    return GrownTree(growing.tree, tuple(growing.likely))
