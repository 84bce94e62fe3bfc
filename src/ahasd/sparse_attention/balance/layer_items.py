"""The work of one layer in one decode step: an item for every request and key-value head."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import Pages

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LayerItems:
    """Items of a layer, those of the first request first.

    Attributes
    ----------
    layer
        Which one.
    classes
        H: of the key-value heads, as a tuple of :class:`HeadClass` values.
    requests
        Texts that are decoded together, all of the same length.
    context
        Tokens of each, the newest included.
    chosen
        For every item of a paged head, in order, the pages that it reads besides those of the window.
    """

    layer: int
    classes: tuple[int, ...]
    requests: int
    context: int
    paging: Paging
    chosen: tuple[Pages, ...]

    @property
    def heads(self) -> int:
        """Key-value heads."""
        return len(self.classes)

    @cached_property
    def work(self) -> tuple[int, ...]:
        """H: what a head does in a step, in tokens whose key and value are read.

        The least and greatest key of a page are as many bytes as a key and a value.
        """
        return tuple(work_of(one, self.context, self.paging) for one in self.classes)


def work_of(head_class: int, context: int, paging: Paging) -> int:
    """What a head of a class does in a step, in tokens: keys and values, and metadata of pages."""
    if head_class == HeadClass.DENSE:
        return context
    if head_class == HeadClass.STREAMING:
        return paging.window.tokens(context)
    return paging.tokens(context) + len(paging.candidates(context))


@lru_cache(maxsize=512)
def interleaved_counts(start: int, stop: int, size: int) -> Counts:
    """How many of the numbers from start to stop leave each remainder by size."""
    places = np.arange(size)
    found = (stop - places + size - 1) // size - (start - places + size - 1) // size
    found.flags.writeable = False
    return np.asarray(found, np.int64)


@lru_cache(maxsize=512)
def standing_counts(
    head_class: int, context: int, paging: Paging, size: int
) -> tuple[Counts, Counts, Counts, Counts]:
    """What a head reads and keeps whatever it chooses, its tokens interleaved over so many banks.

    Returns
    -------
    tuple
        Pages whose metadata is read, tokens that are read, tokens and pages' metadata that are kept; by bank.
    """
    everything, none = interleaved_counts(0, context, size), np.zeros(size, np.int64)
    if head_class == HeadClass.DENSE:
        return none, everything, everything, none
    if head_class == HeadClass.STREAMING:
        window = paging.window
        first = min(window.sink, context)
        last = max(first, context - window.recent)
        kept = interleaved_counts(0, first, size) + interleaved_counts(last, context, size)
        return none, kept, kept, none
    between = paging.candidates(context)
    touched = everything - interleaved_counts(between.start * paging.page, between.stop * paging.page, size)
    metadata = interleaved_counts(between.start, between.stop, size)
    return metadata, touched, everything, interleaved_counts(0, paging.pages(context), size)


def chosen_counts(pages: Pages, page: int, size: int) -> Counts:
    """Tokens of some pages by bank, interleaved over so many banks."""
    if page % size == 0:
        return np.full(size, len(pages) * page // size, np.int64)
    tokens = (pages[:, None] * page + np.arange(page)) % size
    return np.bincount(tokens.ravel(), minlength=size)
