"""The likeliest paths of several texts at once, one after the other, as long as somebody asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.token_tree import ROOT, TokenTree


@dataclass(slots=True)
class GrowingTree:
    """A tree to which nodes are added.

    Parameters
    ----------
    probability
        H×m, as far as the tree may be deep.
    spine
        Whether only first candidates have children.
    """

    probability: Probabilities
    spine: bool
    parents: list[int] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    likely: list[float] = field(default_factory=list)
    _order: dict[int, list[int]] = field(default_factory=dict)

    @property
    def tree(self) -> TokenTree:
        """As far as it has grown."""
        return TokenTree(tuple(self.parents), tuple(self.ranks))

    def offer(self, parent: int, place: int) -> tuple[float, int, int, int] | None:
        """Give the candidate at a place of the order behind a node: minus the path's probability, and the node."""
        depth = 0 if parent == ROOT else self.depths[parent]
        if depth >= len(self.probability) or place >= len(self.probability[depth]):
            return None
        before = 1.0 if parent == ROOT else self.likely[parent]
        return -before * self.probability[depth][self._rank(depth, place)], depth, parent, place

    def add(self, offered: tuple[float, int, int, int]) -> int:
        """Add a node that was offered, and give its number."""
        negative, depth, parent, place = offered
        self.parents.append(parent)
        self.ranks.append(self._rank(depth, place))
        self.depths.append(depth + 1)
        self.likely.append(-negative)
        return len(self.parents) - 1

    def has_children(self, node: int) -> bool:
        """Whether a node may have some."""
        parent = self.parents[node]
        return not self.spine or (self.ranks[node] == 0 and (parent == ROOT or self.ranks[parent] == 0))

    def _rank(self, depth: int, place: int) -> int:
        # By falling probability: what is known of a level need not fall with the rank.
        if depth not in self._order:
            row = self.probability[depth]
            self._order[depth] = sorted(range(len(row)), key=lambda rank: (-row[rank], rank))
        return self._order[depth][place]


def likeliest_paths(trees: Sequence[GrowingTree]) -> Iterator[float]:
    """Add the likeliest node that no tree has yet, and give its path's probability; again and again.

    The tree is the best of all trees together that have as many nodes in all: a path is never likelier than the one
    that it goes on from. Paths that are not likely at all are left out.
    """
    waiting: list[tuple[float, int, int, int, int]] = []

    def offer(row: int, parent: int, place: int) -> None:
        found = trees[row].offer(parent, place)
        if found is not None:
            negative, depth, behind, at = found
            heappush(waiting, (negative, depth, row, behind, at))

    for row in range(len(trees)):
        offer(row, ROOT, 0)
    while waiting:
        negative, depth, row, parent, place = heappop(waiting)
        if negative == 0.0:
            return
        node = trees[row].add((negative, depth, parent, place))
        yield -negative
        offer(row, parent, place + 1)
        if trees[row].has_children(node):
            offer(row, node, 0)
