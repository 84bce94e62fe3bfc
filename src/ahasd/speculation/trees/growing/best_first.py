"""The tree of the likeliest paths, grown node by node: the best of its size where heads are independent."""

from dataclasses import dataclass
from heapq import heappop, heappush

from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.token_tree import ROOT, TokenTree


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
    heads = len(probability) if deepest is None else min(deepest, len(probability))
    # By falling probability: what is cached of a head need not fall with the rank.
    order = [
        [rank for _, rank in sorted((-each, rank) for rank, each in enumerate(row))] for row in probability
    ]
    parents: list[int] = []
    ranks: list[int] = []
    depths: list[int] = []
    likely: list[float] = []
    waiting: list[tuple[float, int, int, int]] = []

    def offer(parent: int, place: int) -> None:
        """Let a node's next candidate wait for its turn."""
        depth = 0 if parent == ROOT else depths[parent]
        if depth < heads and place < len(order[depth]):
            before = 1.0 if parent == ROOT else likely[parent]
            heappush(waiting, (-before * probability[depth][order[depth][place]], depth, parent, place))

    offer(ROOT, 0)
    while waiting and len(parents) < nodes:
        negative, depth, parent, place = heappop(waiting)
        if negative == 0.0 or -negative < least:
            break
        node = len(parents)
        parents.append(parent)
        ranks.append(order[depth][place])
        depths.append(depth + 1)
        likely.append(-negative)
        offer(parent, place + 1)
        if not spine or (ranks[node] == 0 and (parent == ROOT or ranks[parent] == 0)):
            offer(node, 0)
    return GrownTree(TokenTree(tuple(parents), tuple(ranks)), tuple(likely))
