"""The tokens of every page interleaved over all banks."""

from collections.abc import Sequence

from ahasd.sparse_attention.balance.layer_items import LayerItems
from ahasd.sparse_attention.balance.mapping import InterleavedMapping


class InterleavedPages(InterleavedMapping):
    """Every head lies on all banks, token by token (H2EAL, section IV-B3, as summarised by its readers).

    The most even that there is, and every bank has a part of every head, which must be merged.
    """

    title = "tokens of every page over all banks"

    def sets(self, items: LayerItems, banks: int) -> Sequence[tuple[int, int]]:
        """See the base class."""
        return [(0, banks)] * items.heads
