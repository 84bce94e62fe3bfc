"""Work cut into tiles, which go to banks by longest processing time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.sparse_attention.balance.bank_loads import BankLoads
from ahasd.sparse_attention.balance.layer_items import LayerItems
from ahasd.sparse_attention.balance.mapping import Mapping
from ahasd.sparse_attention.heads.head_class import HeadClass

#: Tokens of a tile unless told otherwise (ours).
TILE = 256


class Tiles(Mapping):
    """Each head's work is cut into tiles; the longest first, each goes to the bank that has least so far.

    What is read in every step (dense and streaming heads, windows, metadata) is kept where it is computed. Chosen
    pages differ from step to step: a tile of them finds all but one in B of its tokens at other banks, over routers.

    Parameters
    ----------
    tile
        Tokens of a tile.

    Raises
    ------
    AhasdError
        A tile has no token.
    """

    title = "tiles by longest processing time"

    def __init__(self, tile: int = TILE) -> None:
        if tile < 1:
            raise AhasdError(f"tile is {tile} tokens; must be at least 1")
        self.tile = tile

    def spread(self, items: LayerItems, banks: int) -> BankLoads:
        """See the base class."""
        context, paging, requests = items.context, items.paging, items.requests
        kinds = {one: items.classes.count(one) for one in HeadClass}
        paged, candidates = kinds[HeadClass.PAGED] * requests, paging.candidates(context)
        window = context - len(candidates) * paging.page
        standing = [
            (context, kinds[HeadClass.DENSE] * requests),
            (paging.window.tokens(context), kinds[HeadClass.STREAMING] * requests),
            (window, paged),
        ]
        loads = BankLoads.empty(requests * items.heads, banks)
        loads.metadata[:] = self._fill(np.zeros(banks), [(len(candidates), paged)])
        loads.standing[:] = self._fill(loads.metadata, standing) - loads.metadata
        busy = loads.metadata + loads.standing
        loads.chosen[:] = self._fill(busy, [(len(pages) * paging.page, 1) for pages in items.chosen]) - busy
        loads.remote[:] = loads.chosen * (1 - 1 / banks)
        kept = context * (kinds[HeadClass.DENSE] * requests + paged)
        kept += paging.window.tokens(context) * kinds[HeadClass.STREAMING] * requests
        loads.kept_tokens[:] = kept / banks
        loads.kept_pages[:] = paged * paging.pages(context) / banks
        for number in range(requests * items.heads):
            loads.appended[(number + context) % banks] += 1
            loads.bounded[(number + context) % banks] += (
                items.classes[number % items.heads] == HeadClass.PAGED
            )
            tiles = -(-items.work[number % items.heads] // self.tile)
            loads.present[number, (number * banks // items.heads + np.arange(min(tiles, banks))) % banks] = (
                True
            )
        return loads

    def _fill(
        self, loads: npt.NDArray[np.float64], work: Sequence[tuple[int, int]]
    ) -> npt.NDArray[np.float64]:
        """Deal tiles out; ``work`` has lengths in tokens, and how many items have each."""
        tiles: dict[int, int] = {self.tile: 0}
        for length, times in work:
            full, rest = divmod(length, self.tile)
            tiles[self.tile] += full * times
            if rest:
                tiles[rest] = tiles.get(rest, 0) + times
        for size in sorted(tiles, reverse=True):
            loads = deal_out(loads, size, tiles[size])
        return loads


def deal_out(loads: npt.NDArray[np.float64], size: float, count: int) -> npt.NDArray[np.float64]:
    """Give equal tiles one by one to the bank that has least so far; the loads after that.

    Of the times at which each bank could begin another tile, the earliest `count` are taken: all at once what the
    greedy rule takes one by one.
    """
    if count < 1 or size <= 0:
        return loads
    banks = len(loads)
    most = min(count, -(-count // banks) + int((loads.max() - loads.min()) / size) + 2)
    begins = loads[:, None] + size * np.arange(most)
    taken = (
        np.argpartition(begins.ravel(), count - 1)[:count] if count < begins.size else np.arange(begins.size)
    )
    return np.asarray(loads + size * np.bincount(taken // most, minlength=banks))
