"""Which pages a head reads in a step: the extension point, and Quest's choice."""

from abc import ABC, abstractmethod
from typing import Literal

import numpy as np
import numpy.typing as npt

from ahasd.sparse_attention.pages.paging import Paging

Pages = npt.NDArray[np.int64]

#: Whether the query heads that share keys and values read the same pages, or each its own.
Sharing = Literal["shared", "separate"]


class PageSelector(ABC):
    """Chooses pages; pure, and the same object in simulator and runtime.

    Life cycle: made once with its paging; then for every step, layer and key-value head :meth:`select` is given the
    bounds of the candidates, which are ``paging.candidates(context)``, and says which of them are read besides the
    pages that the window touches. It keeps nothing between calls.
    """

    def __init__(self, paging: Paging) -> None:
        self.paging = paging

    @abstractmethod
    def select(self, bounds: npt.NDArray[np.floating], context: int) -> Pages:
        """Choose among the candidates.

        Parameters
        ----------
        bounds
            C: what :func:`~ahasd.sparse_attention.pages.metadata.page_bounds` says of each candidate, in order.
        context
            Tokens of the text, the newest included.

        Returns
        -------
        ndarray
            Numbers of pages of the text, rising, at most ``paging.chosen(context)``.
        """


class TopPages(PageSelector):
    """The candidates with the highest bounds, as Quest; of equal ones the earlier."""

    def select(self, bounds: npt.NDArray[np.floating], context: int) -> Pages:
        """See the base class."""
        candidates, count = self.paging.candidates(context), self.paging.chosen(context)
        best = np.argsort(-np.asarray(bounds), kind="stable")[:count]
        return np.sort(best.astype(np.int64)) + candidates.start


class AllPages(PageSelector):
    """Every candidate, whatever the budget: a paged head that is dense."""

    def select(self, bounds: npt.NDArray[np.floating], context: int) -> Pages:
        """See the base class."""
        candidates = self.paging.candidates(context)
        return np.arange(candidates.start, candidates.stop, dtype=np.int64)


def shared_bounds(bounds: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Make one row of bounds for queries that share pages: the highest of theirs, Q×C to C (ours).

    So a page stays as long as any of the queries may need it most.
    """
    return np.asarray(bounds.max(axis=0))


def page_mask(paging: Paging, chosen: Pages, context: int) -> npt.NDArray[np.bool_]:
    """Say of each token whether a paged head reads it: in chosen pages, or in those that the window touches."""
    candidates = paging.candidates(context)
    page = np.arange(context) // paging.page
    between = (page >= candidates.start) & (page < candidates.stop)
    return ~between | np.isin(page, chosen)
