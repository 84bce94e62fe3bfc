"""Banks by work: our interpretation of H2EAL's co-placement."""

import heapq
from collections.abc import Sequence
from functools import lru_cache

from ahasd.sparse_attention.balance.layer_items import LayerItems
from ahasd.sparse_attention.balance.mapping import InterleavedMapping


class CoPlaced(InterleavedMapping):
    """Every head has banks in proportion to its work, its tokens interleaved over them.

    H2EAL (arXiv 2508.16653, sections IV-B and IV-C) places memory and compute together and balances heads that
    differ; how is not public. This is an interpretation: as many banks as make the busiest bank least busy, at
    least one, so that no token moves and a head's parts lie on few banks. Rows move on from layer to layer. Banks
    are dealt out for the context of the step; what moves as the context grows is not charged.
    """

    title = "banks by a head's work, tokens interleaved over them (our reading of H2EAL)"

    def sets(self, items: LayerItems, banks: int) -> Sequence[tuple[int, int]]:
        """See the base class."""
        if items.heads > banks:
            return [(bank, 1) for bank in longest_first(items.work, banks)]
        sizes = banks_by_work(items.work, banks)
        # The golden ratio spreads the first banks of layers evenly.
        first, found = round(items.layer * 0.6180339887 * banks) % banks, []
        for size in sizes:
            found.append((first, size))
            first = (first + size) % banks
        return found


@lru_cache(maxsize=512)
def banks_by_work(work: tuple[int, ...], banks: int) -> tuple[int, ...]:
    """Deal banks out, at least one each, so that the most work on a bank of any is least.

    Each further bank goes to whoever has most work on each of its own, which is optimal: without it that head would
    stay the busiest.
    """
    sizes = [1] * len(work)
    busiest = [(-float(one), number) for number, one in enumerate(work)]
    heapq.heapify(busiest)
    for _ in range(banks - len(work)):
        _, number = busiest[0]
        sizes[number] += 1
        heapq.heapreplace(busiest, (-work[number] / sizes[number], number))
    return tuple(sizes)


@lru_cache(maxsize=512)
def longest_first(work: tuple[int, ...], banks: int) -> tuple[int, ...]:
    """Give each piece of work a bank, the longest first, the one that has least so far."""
    loads = [(0, bank) for bank in range(banks)]
    found = [0] * len(work)
    for number in sorted(range(len(work)), key=lambda one: -work[one]):
        load, found[number] = loads[0]
        heapq.heapreplace(loads, (load + work[number], found[number]))
    return tuple(found)
