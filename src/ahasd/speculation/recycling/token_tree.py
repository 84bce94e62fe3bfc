"""What a draft proposes to the target: a trunk, and branches where it was unsure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ahasd.speculation.recycling.drafted_token import DraftedToken
from ahasd.speculation.recycling.rejected_suffix import RejectedSuffix

#: Parent of a token that follows the text itself.
ROOT = -1


@dataclass(frozen=True, slots=True)
class TokenTree:
    """Tokens, each behind its parent; the children of a token differ.

    Parameters
    ----------
    tokens
        The trunk first.
    parents
        Index of each one's parent, which comes before it, or `ROOT`.
    """

    tokens: Sequence[DraftedToken]
    parents: Sequence[int]

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.parents):
            raise ValueError("every token has one parent")
        if any(not ROOT <= parent < place for place, parent in enumerate(self.parents)):
            raise ValueError("a parent comes before its children")

    @property
    def is_chain(self) -> bool:
        """Whether every token follows the one before it."""
        return all(parent == place - 1 for place, parent in enumerate(self.parents))

    def children(self, parent: int) -> list[int]:
        """Give the places of a token's children, the trunk's first."""
        return [place for place, of in enumerate(self.parents) if of == parent]

    def path(self, place: int) -> list[int]:
        """Give the places from the first token to this one; none for `ROOT`."""
        found: list[int] = []
        while place != ROOT:
            found.append(place)
            place = self.parents[place]
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the target made of a tree.

    Parameters
    ----------
    accepted
        Places of the accepted tokens, from the first on.
    own
        The target's own token behind them: the correction, or one for free.
    rejected
        What the best path went on with; None where it was accepted to its end.
    """

    accepted: Sequence[int]
    own: int
    rejected: RejectedSuffix | None


def judge(tree: TokenTree, target: Callable[[int], int]) -> Verdict:
    """Follow the target through a tree.

    Parameters
    ----------
    target
        Gives the target's token behind a place of the tree, or behind `ROOT`.
    """
    place = ROOT
    while True:
        wanted, children = target(place), tree.children(place)
        taken = next((child for child in children if tree.tokens[child].token == wanted), None)
        if taken is None:
            break
        place = taken
    accepted = tree.path(place)
    if not children:
        return Verdict(accepted, wanted, None)
    suffix: list[DraftedToken] = []
    while children:
        suffix.append(tree.tokens[children[0]])
        children = tree.children(children[0])
    return Verdict(accepted, wanted, RejectedSuffix([tree.tokens[place].token for place in accepted], suffix))
