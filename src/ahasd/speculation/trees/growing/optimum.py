"""The best tree for what passes cost, by a dynamic programme over nodes and depth."""

from collections.abc import Callable
from dataclasses import dataclass

from ahasd.speculation.trees.guesses import Probabilities
from ahasd.speculation.trees.token_tree import NO_TREE, ROOT, TokenTree

#: Seconds of a pass over a tree of so many nodes, of so many levels.
PassSeconds = Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class SizedTree:
    """A tree, the tokens that a pass over it is expected to bring, and what that takes."""

    tree: TokenTree
    tokens: float
    seconds: float

    @property
    def rate(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds


class TreeProgramme:
    """The best trees of all sizes up to one.

    ``below[d][n]`` is the most that n nodes below a node of depth d bring if that one is accepted; its children, in
    order of rank, each take a share of the n. This is Sequoia's programme (arXiv 2402.12374) with
    probabilities that differ by depth.

    Parameters
    ----------
    probability
        H×m.
    most
        Nodes of the largest tree.
    deepest
        Levels that may be used; all heads if not given.
    """

    def __init__(self, probability: Probabilities, most: int, deepest: int | None = None) -> None:
        self.most = most
        self._heads = len(probability) if deepest is None else min(deepest, len(probability))
        below = [0.0] * (most + 1)
        self._takes: list[list[list[int]]] = [[] for _ in range(self._heads)]
        for depth in reversed(range(self._heads)):
            rest = [0.0] * (most + 1)
            takes: list[list[int]] = []
            for likely in reversed(probability[depth]):
                best, taken = rest[:], [0] * (most + 1)
                for nodes in range(1, most + 1):
                    for share in range(1, nodes + 1):
                        value = likely * (1.0 + below[share - 1]) + rest[nodes - share]
                        if value > best[nodes]:
                            best[nodes], taken[nodes] = value, share
                rest = best
                takes.append(taken)
            self._takes[depth] = takes[::-1]
            below = rest
        self._gains = below

    def tokens(self, nodes: int) -> float:
        """Return the most tokens that a pass over a tree of at most so many nodes brings in the mean."""
        return 1.0 + self._gains[nodes]

    def tree(self, nodes: int) -> TokenTree:
        """Return a tree that brings them; it has fewer nodes where more bring nothing."""
        parents: list[int] = []
        ranks: list[int] = []
        # Level by level, so that parents stand before their children.
        waiting = [(ROOT, 0, nodes)]
        for parent, depth, left in waiting:
            if depth == self._heads:
                continue
            for rank, taken in enumerate(self._takes[depth]):
                share = taken[left]
                if share:
                    parents.append(parent)
                    ranks.append(rank)
                    waiting.append((len(parents) - 1, depth + 1, share - 1))
                    left -= share
        return TokenTree(tuple(parents), tuple(ranks))


def optimal_tree(
    probability: Probabilities, seconds: PassSeconds, most: int, by_depth: bool = False
) -> SizedTree:
    """Return the tree, or none at all, that brings the most expected tokens per second.

    Parameters
    ----------
    probability
        H×m.
    seconds
        What passes cost.
    most
        Nodes of the largest tree.
    by_depth
        Whether the cost depends on the levels too, as where a draft model guesses level by level.
    """
    best = SizedTree(NO_TREE, 1.0, seconds(0, 0))
    for deepest in range(1, len(probability) + 1) if by_depth else [len(probability)]:
        programme = TreeProgramme(probability, most, deepest)
        for nodes in range(1, most + 1):
            found = SizedTree(NO_TREE, programme.tokens(nodes), seconds(nodes, deepest))
            if found.rate > best.rate:
                best = SizedTree(programme.tree(nodes), found.tokens, found.seconds)
    return best
