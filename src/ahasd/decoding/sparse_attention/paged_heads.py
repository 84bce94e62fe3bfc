"""Heads that choose pages: all keys and values are kept, bounds beside them, and a part is read."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch
from ahasd.decoding.sparse_attention.head_store import DenseHeads
from ahasd.sparse_attention.pages.metadata import PageMetadata, page_bounds
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Pages, PageSelector, Sharing, shared_bounds

_attention = torch.nn.functional.scaled_dot_product_attention


class PagedHeads(DenseHeads):
    """Heads that read the window and the pages that a selector chooses.

    Bounds are kept in double precision (so none is below the true greatest product by rounding of its own); what is
    counted of them is a page's least and greatest key in the type of the cache.

    Attributes
    ----------
    chosen
        Pages of the last step: a list for each key-value head, or with ``separate`` for each query head, those of a
        key-value head side by side.
    """

    def __init__(self, heads: Sequence[int], selector: PageSelector, sharing: Sharing) -> None:
        super().__init__(heads)
        self.chosen: tuple[Pages, ...] = ()
        self._selector, self._sharing = selector, sharing
        self._metadata: PageMetadata | None = None

    @property
    def metadata(self) -> PageMetadata:
        """Bounds of the keys of all heads, side by side."""
        assert self._metadata is not None, "a prompt was taken in"
        return self._metadata

    def fill(self, keys: Any, values: Any) -> None:
        """See the base class."""
        super().fill(keys, values)
        beside = keys.transpose(0, 1).reshape(keys.shape[1], -1)
        self._metadata = PageMetadata.of_keys(_array(beside), self._selector.paging.page)

    def append(self, key: Any, value: Any) -> None:
        """See the base class."""
        super().append(key, value)
        self.metadata.append(_array(key.reshape(-1)))

    def attend(self, queries: Any) -> Any:
        """See the base class."""
        paging, context = self._selector.paging, self.context
        candidates = paging.candidates(context)
        self.chosen = choose(
            self._selector,
            self._sharing,
            _array(queries),
            self._between(self.metadata.least, candidates),
            self._between(self.metadata.greatest, candidates),
            context,
        )
        count, group, width = queries.shape
        each = len(self.chosen) // count
        places, mask = _places(self.chosen, paging, context)
        read = [np.unique(np.concatenate(self.chosen[at : at + each])) for at in range(0, count * each, each)]
        always = context - len(candidates) * paging.page
        self.token_reads = sum(always + len(pages) * paging.page for pages in read) + count * len(candidates)
        where = torch.from_numpy(places).to(queries.device)
        rows = torch.arange(count, device=queries.device).repeat_interleave(each)[:, None]
        seen = None if mask is None else torch.from_numpy(mask).to(queries.device)[:, None]
        found = _attention(
            queries.reshape(count * each, group // each, width),
            self._keys[rows, where],
            self._values[rows, where],
            attn_mask=seen,
        )
        return found.reshape(count, group, width)

    def _between(self, bounds: npt.NDArray[np.float64], candidates: range) -> npt.NDArray[np.float64]:
        """Give those of the candidates, heads × pages × channels."""
        chosen = bounds[candidates.start : candidates.stop]
        count = len(self.heads)
        return chosen.reshape(len(chosen), count, self.metadata.channels // count).swapaxes(0, 1)


def choose(
    selector: PageSelector,
    sharing: Sharing,
    queries: npt.NDArray[np.floating],
    least: npt.NDArray[np.float64],
    greatest: npt.NDArray[np.float64],
    context: int,
) -> tuple[Pages, ...]:
    """Let a selector choose for every head of a layer.

    Parameters
    ----------
    queries
        Heads × group × channels.
    least, greatest
        Heads × candidates × channels.

    Returns
    -------
    tuple
        A list of pages for each key-value head, or for each query head where these choose for themselves.
    """
    found: list[Pages] = []
    for asked, low, high in zip(queries, least, greatest, strict=True):
        found += choose_by_bounds(selector, sharing, page_bounds(asked, low, high), context)
    return tuple(found)


def choose_by_bounds(
    selector: PageSelector, sharing: Sharing, bounds: npt.NDArray[np.floating], context: int
) -> list[Pages]:
    """Let a selector choose for a key-value head.

    Parameters
    ----------
    bounds
        Group × candidates, as `page_bounds` gives them.

    Returns
    -------
    list
        One list of pages, or one for each query head where these choose for themselves.
    """
    rows = [shared_bounds(bounds)] if sharing == "shared" else list(bounds)
    return [selector.select(row, context) for row in rows]


def _places(
    chosen: Sequence[Pages], paging: Paging, context: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_] | None]:
    """Give the places that each list reads, lists × places, and which of them count where lists differ in length."""
    candidates = paging.candidates(context)
    always = np.r_[0 : candidates.start * paging.page, candidates.stop * paging.page : context]
    if len(candidates) == 0:
        always = np.arange(context)
    lengths = {len(pages) for pages in chosen}
    most = max(lengths)
    padded = np.zeros((len(chosen), most), np.int64)
    for row, pages in enumerate(chosen):
        padded[row, : len(pages)] = pages
    tokens = (padded[:, :, None] * paging.page + np.arange(paging.page)).reshape(len(chosen), -1)
    places = np.concatenate([np.broadcast_to(always, (len(chosen), len(always))), tokens], axis=1)
    if len(lengths) == 1:
        return places, None
    there = np.arange(most)[None, :] < np.array([len(pages) for pages in chosen])[:, None]
    counted = np.repeat(there, paging.page, axis=1)
    return places, np.concatenate([np.ones((len(chosen), len(always)), np.bool_), counted], axis=1)


def _array(tensor: Any) -> npt.NDArray[np.floating]:
    """A tensor as numpy has it; numpy knows no bfloat16, which float32 holds exactly."""
    return np.asarray(tensor.detach().float().cpu().numpy())
