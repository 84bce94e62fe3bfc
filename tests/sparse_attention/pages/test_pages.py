"""Windows, pages, bounds and the choice of pages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.sparse_attention.pages.metadata import PageMetadata, page_bounds
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import AllPages, TopPages, page_mask, shared_bounds
from ahasd.sparse_attention.pages.window import Window

_SEEDS = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(_SEEDS, st.integers(1, 9), st.integers(1, 70), st.integers(1, 6))
def test_the_bound_of_a_page_is_never_below_its_greatest_product(
    seed: int, page: int, tokens: int, channels: int
) -> None:
    draws = np.random.default_rng(seed)
    keys, queries = draws.normal(size=(tokens, channels)), draws.normal(size=(3, channels))
    metadata = PageMetadata.of_keys(keys, page)
    bounds = page_bounds(queries, metadata.least, metadata.greatest)
    products = queries @ keys.T
    for number in range(metadata.pages):
        truth = products[:, number * page : (number + 1) * page].max(axis=1)
        assert (bounds[:, number] >= truth - 1e-12).all()
        if page == 1:
            assert bounds[:, number] == pytest.approx(truth)


@settings(deadline=None)
@given(_SEEDS, st.integers(1, 9), st.integers(0, 40), st.integers(1, 40))
def test_bounds_built_token_by_token_are_those_of_the_whole(
    seed: int, page: int, given_: int, more: int
) -> None:
    keys = np.random.default_rng(seed).normal(size=(given_ + more, 4))
    grown = PageMetadata.of_keys(keys[:given_], page)
    for key in keys[given_:]:
        grown.append(key)
    whole = PageMetadata.of_keys(keys, page)
    assert grown.pages == whole.pages == -(-len(keys) // page)
    assert np.array_equal(grown.least, whole.least)
    assert np.array_equal(grown.greatest, whole.greatest)
    assert (whole.least[-1] <= keys[-1]).all()
    assert (whole.greatest[-1] >= keys[-1]).all()


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 20), st.integers(1, 200), st.integers(1, 300))
def test_the_tokens_of_a_paged_head_are_those_of_its_mask(
    sink: int, recent: int, page: int, budget: int, context: int
) -> None:
    paging = Paging(page, max(budget, page), Window(sink, recent))
    candidates = paging.candidates(context)
    bounds = np.random.default_rng(context).normal(size=len(candidates))
    chosen = TopPages(paging).select(bounds, context)
    mask = page_mask(paging, chosen, context)
    assert len(chosen) == paging.chosen(context) == min(paging.most_pages, len(candidates))
    assert mask.sum() == paging.tokens(context)
    assert (mask | ~paging.window.mask(context)).all(), "the window is always read"
    assert mask[-1]
    if len(chosen):
        kept = bounds[chosen - candidates.start]
        left = np.delete(bounds, chosen - candidates.start)
        assert not len(left) or kept.min() >= left.max()


def test_a_budget_of_the_whole_context_reads_everything() -> None:
    paging = Paging(16, 4096, Window(64, 64))
    assert paging.tokens(4096) == 4096
    bounds = np.zeros(len(paging.candidates(4096)))
    assert page_mask(paging, TopPages(paging).select(bounds, 4096), 4096).all()
    small = Paging(16, 64, Window(64, 64))
    assert page_mask(small, AllPages(small).select(bounds, 4096), 4096).all()


def test_the_figures_of_the_published_setting() -> None:
    # 128 first and 256 last tokens and 2048 chosen ones, in pages that divide them all: 2432 tokens.
    assert Paging().tokens(131072) == 2432
    assert Paging(64).tokens(131072) == 2432
    assert len(Paging().candidates(131072)) == 8192 - 8 - 16


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 90))
def test_a_streaming_head_reads_the_window(sink: int, recent: int, context: int) -> None:
    window = Window(sink, recent)
    assert window.mask(context).sum() == window.tokens(context)


def test_queries_that_share_pages_keep_what_any_of_them_needs() -> None:
    assert shared_bounds(np.array([[1.0, 5.0, 2.0], [3.0, 0.0, 2.0]])).tolist() == [3.0, 5.0, 2.0]


def test_equal_bounds_go_to_the_earlier_page() -> None:
    paging = Paging(1, 3, Window(0, 1))
    assert TopPages(paging).select(np.zeros(9), 10).tolist() == [0, 1, 2]


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(AhasdError, match=r"budget of 8 tokens is below a page of 16.*--budget"):
        Paging(16, 8)
    with pytest.raises(AhasdError, match="page is 0"):
        Paging(0)
    with pytest.raises(AhasdError, match="recent is 0"):
        Window(4, 0)
    with pytest.raises(AhasdError, match="sink is -1"):
        Window(-1, 4)
    with pytest.raises(AhasdError, match="more than the context of 100 tokens"):
        Window(64, 64).check_fits(100)
