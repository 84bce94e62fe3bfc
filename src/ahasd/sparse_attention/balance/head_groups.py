"""One head, its own group of banks: the plain mapping."""

from collections.abc import Sequence

from ahasd.sparse_attention.balance.layer_items import LayerItems
from ahasd.sparse_attention.balance.mapping import InterleavedMapping


class HeadGroups(InterleavedMapping):
    """Every key-value head has an equal share of the banks, over which its tokens are interleaved.

    Heads move on by one group from layer to layer, so that one group does not keep all that need much. With more
    heads than banks, several share one.
    """

    title = "a head, its own equal group of banks"

    def sets(self, items: LayerItems, banks: int) -> Sequence[tuple[int, int]]:
        """See the base class."""
        found = []
        for head in range(items.heads):
            group = (head + items.layer) % items.heads
            first = group * banks // items.heads
            found.append((first, max(1, (group + 1) * banks // items.heads - first)))
        return found
