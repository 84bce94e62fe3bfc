"""Which bank keeps and computes what: the extension point."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ahasd.sparse_attention.balance.bank_loads import BankLoads
from ahasd.sparse_attention.balance.layer_items import LayerItems, chosen_counts, standing_counts
from ahasd.sparse_attention.heads.head_class import HeadClass


class Mapping(ABC):
    """Spreads the items of a layer over banks; pure.

    Life cycle: made once with its options; then for every layer of every step :meth:`spread` is given the items and
    says what each bank does. It loses nothing: over all banks it comes to what the items read, keep and append.

    Attributes
    ----------
    title
        In a few words.
    """

    title: ClassVar[str]

    @abstractmethod
    def spread(self, items: LayerItems, banks: int) -> BankLoads:
        """Spread a layer."""


class InterleavedMapping(Mapping):
    """Gives every head a row of banks, and interleaves its tokens over it, one by one."""

    @abstractmethod
    def sets(self, items: LayerItems, banks: int) -> Sequence[tuple[int, int]]:
        """H: the first bank of each head's, and how many there are; they go on at bank 0 after the last."""

    def spread(self, items: LayerItems, banks: int) -> BankLoads:
        """See the base class."""
        loads, chosen = BankLoads.empty(items.requests * items.heads, banks), iter(items.chosen)
        sets = self.sets(items, banks)
        for number in range(items.requests * items.heads):
            request, head = divmod(number, items.heads)
            first, size = sets[head]
            # Each item begins at another bank of its row, so that newest tokens and remainders do not meet on one.
            shift = (request * items.heads + head) * size // (items.requests * items.heads)
            place = (first + (np.arange(size) + shift) % size) % banks
            counts = standing_counts(items.classes[head], items.context, items.paging, size)
            loads.metadata[place] += counts[0]
            loads.standing[place] += counts[1]
            loads.kept_tokens[place] += counts[2]
            loads.kept_pages[place] += counts[3]
            reads = counts[1] > 0
            if items.classes[head] == HeadClass.PAGED:
                picked = chosen_counts(next(chosen), items.paging.page, size)
                loads.chosen[place] += picked
                reads = reads | (picked > 0)
                loads.bounded[place[(items.paging.pages(items.context) - 1) % size]] += 1
            loads.appended[place[(items.context - 1) % size]] += 1
            loads.present[number, place] = reads
        return loads
