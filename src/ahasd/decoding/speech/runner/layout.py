"""Where the tokens of a pass stand, and what each of them sees, where they are no plain chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch

#: Parent of a token of a tree that follows the cached text itself.
ROOT = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one pass.

    Parameters
    ----------
    positions
        (tokens,) of each token in its own text.
    mask
        (tokens, cached + tokens) added to the scores: 0 or minus infinity.
    """

    positions: Any
    mask: Any


def tree_layout(cached: int, parents: Sequence[int]) -> Layout:
    """Lay out a tree behind a cached text.

    Parameters
    ----------
    cached
        Tokens of the text.
    parents
        Which of the tokens, all before it, each one follows, or `ROOT`.
    """
    mask = torch.full((len(parents), cached + len(parents)), -torch.inf)
    mask[:, :cached] = 0.0
    positions: list[int] = []
    for place, parent in enumerate(parents):
        positions.append(cached if parent == ROOT else positions[parent] + 1)
        if parent != ROOT:
            mask[place, cached:] = mask[parent, cached:]
        mask[place, cached + place] = 0.0
    return Layout(torch.tensor(positions), mask)


def sibling_layout(cached: int, prefixes: Sequence[int]) -> Layout:
    """Lay out tokens that each follow a prefix of a cached text, and do not see one another.

    Parameters
    ----------
    prefixes
        Tokens of the text before each.
    """
    mask = torch.full((len(prefixes), cached + len(prefixes)), -torch.inf)
    for place, prefix in enumerate(prefixes):
        mask[place, :prefix] = 0.0
        mask[place, cached + place] = 0.0
    return Layout(torch.tensor(list(prefixes)), mask)
