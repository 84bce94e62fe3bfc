"""Which trees a run verified, and how far the text went through each."""

from collections import Counter
from dataclasses import dataclass

from ahasd.speculation.trees.token_tree import TokenTree

#: The ranks from behind the text's last token to a node.
RankPath = tuple[int, ...]


@dataclass(slots=True)
class NodeCount:
    """In how many trees a node stood, and in how many of them the text went through it."""

    trees: int = 0
    accepted: int = 0


class VerifiedTrees:
    """Counts of trees, of every text and round."""

    def __init__(self) -> None:
        # By tree, which are few where its shape is fixed, and by the end of the text's path.
        self._counts: Counter[tuple[TokenTree, RankPath]] = Counter()

    def add(self, tree: TokenTree, accepted: RankPath) -> None:
        """Count a tree, and the path that the text took: nothing if no node was right."""
        self._counts[tree, accepted] += 1

    def sizes(self) -> dict[int, int]:
        """How many trees had so many nodes, the least first; those without nodes are trees, too."""
        found: Counter[int] = Counter()
        for (tree, _), count in self._counts.items():
            found[tree.nodes] += count
        return dict(sorted(found.items()))

    def nodes(self) -> dict[RankPath, NodeCount]:
        """Every node that stood in a tree, by its path; those of most trees first, a parent before its children."""
        found: dict[RankPath, NodeCount] = {}
        for (tree, accepted), count in self._counts.items():
            for node in range(tree.nodes):
                path = tree.rank_path(node)
                of = found.setdefault(path, NodeCount())
                of.trees += count
                of.accepted += count * (accepted[: len(path)] == path)
        return dict(sorted(found.items(), key=lambda one: (-one[1].trees, len(one[0]), one[0])))
