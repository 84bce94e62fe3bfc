"""Every mapping: nothing is lost, and no bank can be done before its share."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.sparse_attention.balance.co_placed import banks_by_work, longest_first
from ahasd.sparse_attention.balance.layer_items import LayerItems, chosen_counts, interleaved_counts
from ahasd.sparse_attention.balance.mappings import MAPPINGS, build_mapping
from ahasd.sparse_attention.balance.tiles import deal_out
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import TopPages, page_mask
from ahasd.sparse_attention.pages.window import Window

_WORK = st.lists(st.integers(1, 50), min_size=1, max_size=5)


@st.composite
def layers(draw: st.DrawFn) -> LayerItems:
    paging = Paging(
        draw(st.sampled_from([1, 3, 4, 16])),
        draw(st.integers(16, 60)),
        Window(draw(st.integers(0, 20)), draw(st.integers(1, 30))),
    )
    classes = tuple(draw(st.lists(st.sampled_from([int(one) for one in HeadClass]), min_size=1, max_size=6)))
    requests, context = draw(st.integers(1, 3)), draw(st.integers(1, 400))
    draws = np.random.default_rng(draw(st.integers(0, 999)))
    bounds = [draws.random(len(paging.candidates(context))) for _ in range(requests * classes.count(1))]
    chosen = tuple(TopPages(paging).select(one, context) for one in bounds)
    return LayerItems(draw(st.integers(0, 31)), classes, requests, context, paging, chosen)


def read_tokens(items: LayerItems) -> int:
    """Tokens that all heads read, counted by masks."""
    window = int(items.paging.window.mask(items.context).sum())
    by_class = {HeadClass.DENSE: items.context, HeadClass.STREAMING: window, HeadClass.PAGED: 0}
    masks = [page_mask(items.paging, pages, items.context) for pages in items.chosen]
    return items.requests * sum(by_class[HeadClass(one)] for one in items.classes) + sum(
        int(m.sum()) for m in masks
    )


@pytest.mark.parametrize("name", MAPPINGS)
@settings(deadline=None)
@given(items=layers(), banks=st.integers(1, 24))
def test_banks_together_read_keep_and_append_what_the_heads_do(
    name: str, items: LayerItems, banks: int
) -> None:
    loads = build_mapping(name, 16).spread(items, banks)
    paged = items.requests * items.classes.count(HeadClass.PAGED)
    assert loads.metadata.sum() == paged * len(items.paging.candidates(items.context))
    assert loads.standing.sum() + loads.chosen.sum() == pytest.approx(read_tokens(items))
    assert loads.appended.sum() == items.requests * len(items.classes)
    assert loads.bounded.sum() == paged
    streaming = items.requests * items.classes.count(HeadClass.STREAMING)
    everything = items.requests * len(items.classes) - streaming
    kept = everything * items.context + streaming * items.paging.window.tokens(items.context)
    assert loads.kept_tokens.sum() == pytest.approx(kept)
    assert loads.kept_pages.sum() == pytest.approx(paged * items.paging.pages(items.context))
    assert (loads.remote <= loads.chosen + 1e-9).all()
    assert loads.present.any(axis=1).all(), "every head is computed somewhere"
    assert (loads.work >= 0).all()


@settings(deadline=None)
@given(items=layers(), banks=st.integers(1, 24), tile=st.integers(1, 64))
def test_tiles_end_no_sooner_than_their_share_or_the_longest_tile(
    items: LayerItems, banks: int, tile: int
) -> None:
    work = build_mapping("tiles", tile).spread(items, banks).work
    longest = min(tile, max(items.context if one == HeadClass.DENSE else 1 for one in items.classes))
    assert work.max() >= max(work.sum() / banks, longest) - 1e-9
    # Nor later than greedy dealing can: in three phases, each off by a tile at most.
    assert work.max() <= work.sum() / banks + 3 * tile


@settings(deadline=None)
@given(_WORK, st.integers(1, 9), st.integers(1, 7), st.integers(0, 60))
def test_dealing_all_at_once_is_dealing_one_by_one(
    loads: list[int], banks: int, size: int, count: int
) -> None:
    start = np.array([loads[i % len(loads)] for i in range(banks)], float)
    heap = start.tolist()
    heapq.heapify(heap)
    for _ in range(count):
        heapq.heapreplace(heap, heap[0] + size)
    assert sorted(deal_out(start, size, count).tolist()) == sorted(heap)


@settings(deadline=None)
@given(_WORK, st.integers(0, 6))
def test_no_other_deal_of_banks_makes_the_busiest_less_busy(work: list[int], more: int) -> None:
    sizes = banks_by_work(tuple(work), len(work) + more)
    assert sum(sizes) == len(work) + more

    def deals(left: int, parts: int) -> list[tuple[int, ...]]:
        if parts == 1:
            return [(left,)]
        return [(one, *rest) for one in range(1, left - parts + 2) for rest in deals(left - one, parts - 1)]

    best = min(
        max(each / size for each, size in zip(work, deal, strict=True))
        for deal in deals(len(work) + more, len(work))
    )
    assert max(each / size for each, size in zip(work, sizes, strict=True)) == pytest.approx(best)


def test_more_heads_than_banks_share_them_the_longest_first() -> None:
    assert longest_first((5, 3, 3, 1), 2) == (0, 1, 1, 0)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9))
def test_interleaving_counts_remainders(start: int, more: int, size: int) -> None:
    counted = np.bincount(np.arange(start, start + more) % size, minlength=size)
    assert interleaved_counts(start, start + more, size).tolist() == counted.tolist()


@settings(deadline=None)
@given(st.sets(st.integers(0, 20), max_size=6), st.integers(1, 9), st.integers(1, 12))
def test_tokens_of_chosen_pages_are_counted_by_bank(pages: set[int], page: int, size: int) -> None:
    tokens = [number * page + place for number in pages for place in range(page)]
    counted = np.bincount(np.array(tokens, np.int64) % size, minlength=size)
    assert chosen_counts(np.array(sorted(pages), np.int64), page, size).tolist() == counted.tolist()


def test_wrong_names_and_tiles_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'interleaved'"):
        build_mapping("interleave", 16)
    with pytest.raises(AhasdError, match="tile is 0"):
        build_mapping("tiles", 0)
