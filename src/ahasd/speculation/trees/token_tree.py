"""The shape of a token tree: which head's which candidate stands at each node, and behind which other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ahasd.errors import AhasdError

#: The parent of the nodes that stand directly behind the text.
ROOT = -1


@dataclass(frozen=True)
class TokenTree:
    """Nodes behind the text's last token, the root, which is no node of its own.

    A node of depth d (from 1) holds a candidate of head d: the guess for the d-th token behind the root. A pass over
    n nodes is n + 1 tokens wide, since the root passes too and yields the target's own next token.

    Parameters
    ----------
    parents
        Of each node, an earlier one, or `ROOT`.
    ranks
        Of each node's token among its head's candidates, 0 being the likeliest; the children of a node differ.

    Raises
    ------
    ValueError
        These are no tree.
    """

    parents: tuple[int, ...]
    ranks: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.parents) != len(self.ranks):
            raise ValueError(f"{len(self.parents)} parents and {len(self.ranks)} ranks are no tree")
        if any(not ROOT <= parent < node for node, parent in enumerate(self.parents)):
            raise ValueError(f"parents {self.parents}: each stands before its children")
        if any(rank < 0 for rank in self.ranks):
            raise ValueError(f"ranks {self.ranks}: they start at 0")
        if len(set(zip(self.parents, self.ranks, strict=True))) < len(self.parents):
            raise ValueError("two children of a node are the same candidate")

    @property
    def nodes(self) -> int:
        """Number of nodes, without the root."""
        return len(self.parents)

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """Of each node: 1 behind the root."""
        found: list[int] = []
        for parent in self.parents:
            found.append(1 if parent == ROOT else found[parent] + 1)
        return tuple(found)

    @property
    def depth(self) -> int:
        """Of the deepest node; 0 without nodes."""
        return max(self.depths, default=0)

    @property
    def is_chain(self) -> bool:
        """Whether it is of width one: every node stands behind the one before it."""
        return all(parent == node - 1 for node, parent in enumerate(self.parents))

    @cached_property
    def children(self) -> dict[int, tuple[int, ...]]:
        """The children of the root and of each node that has any, in order."""
        found: dict[int, list[int]] = {}
        for node, parent in enumerate(self.parents):
            found.setdefault(parent, []).append(node)
        return {parent: tuple(nodes) for parent, nodes in found.items()}

    def path(self, node: int) -> tuple[int, ...]:
        """Return the nodes from behind the root to a node, itself the last: what it attends to in the tree."""
        found = []
        while node != ROOT:
            found.append(node)
            node = self.parents[node]
        return tuple(reversed(found))

    def rank_path(self, node: int) -> tuple[int, ...]:
        """Return the ranks along the path to a node, as Medusa writes its trees."""
        return tuple(self.ranks[each] for each in self.path(node))

    def accepted(self, true_ranks: Sequence[int | None]) -> tuple[int, ...]:
        """Return the path that the text takes through the tree.

        Parameters
        ----------
        true_ranks
            Of the text's own next tokens among the candidates of head 1, 2, …; None where a head has not guessed it.
        """
        at, found = ROOT, []
        for rank in true_ranks:
            step = next((child for child in self.children.get(at, ()) if self.ranks[child] == rank), None)
            if step is None:
                break
            found.append(step)
            at = step
        return tuple(found)

    def only(self, kept: Sequence[int]) -> "TokenTree":
        """Return the tree of some nodes, rising, that are kept with all that stands before them."""
        place = {ROOT: ROOT} | {node: new for new, node in enumerate(kept)}
        return TokenTree(
            tuple(place[self.parents[node]] for node in kept), tuple(self.ranks[node] for node in kept)
        )


#: Nothing is guessed: a pass of one token.
NO_TREE = TokenTree((), ())


def chain(length: int) -> TokenTree:
    """Return the tree of width one: each head's likeliest candidate behind that of the head before."""
    return TokenTree(tuple(range(-1, length - 1)), (0,) * length)


def tree_of_paths(paths: Iterable[Sequence[int]]) -> TokenTree:
    """Return the tree whose nodes have these paths of ranks, which may come in any order.

    Raises
    ------
    AhasdError
        A path stands twice, is empty, or lacks the one before it.
    """
    ordered = sorted((tuple(path) for path in paths), key=lambda path: (len(path), path))
    place: dict[tuple[int, ...], int] = {(): ROOT}
    for number, path in enumerate(ordered):
        if path in place:
            raise AhasdError(f"tree: the path {list(path)} stands twice" if path else "tree: a path is empty")
        if path[:-1] not in place:
            raise AhasdError(f"tree: the path {list(path)} has no node {list(path[:-1])} to stand behind")
        place[path] = number
    return TokenTree(tuple(place[path[:-1]] for path in ordered), tuple(path[-1] for path in ordered))
