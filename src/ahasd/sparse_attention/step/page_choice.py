"""Which pages paged heads read in a simulated step: a trace's, or drawn."""

from abc import ABC, abstractmethod
from functools import lru_cache

import numpy as np

from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Pages, Sharing


class PageChoice(ABC):
    """Says which pages were chosen.

    Life cycle: made once; :meth:`pages` is asked for every step, layer, request and paged head, in any order, and
    always says the same of the same.
    """

    @abstractmethod
    def pages(self, step: int, layer: int, head: int, request: int, context: int) -> Pages:
        """Pages that any query of the head reads besides those of the window, rising, each once."""


class UniformChoice(PageChoice):
    """Draws every page with the same chance: no page is better than another, as nobody says which are (ours).

    Parameters
    ----------
    sharing
        With ``separate``, each query of the group draws its own, and all that any has drawn are read.
    group
        Queries of a group.
    seed
        Of the draws.
    """

    def __init__(self, paging: Paging, sharing: Sharing, group: int, seed: int) -> None:
        self._paging, self._seed = paging, seed
        self._sets = group if sharing == "separate" else 1

    def pages(self, step: int, layer: int, head: int, request: int, context: int) -> Pages:
        """See the base class."""
        candidates, count = self._paging.candidates(context), self._paging.chosen(context)
        if count == len(candidates):
            return np.arange(candidates.start, candidates.stop, dtype=np.int64)
        drawn = _drawn(len(candidates), count, self._sets, (self._seed, step, layer, head, request))
        return drawn + candidates.start


@lru_cache(maxsize=8192)
def _drawn(candidates: int, count: int, sets: int, seed: tuple[int, ...]) -> Pages:
    """Draw sets of numbers without replacement, and unite them; systems that are compared draw the same."""
    draws = np.random.Generator(np.random.PCG64(seed))
    found = [draws.choice(candidates, count, replace=False, shuffle=False) for _ in range(sets)]
    return np.unique(np.concatenate(found))
