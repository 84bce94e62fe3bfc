"""Attention of a head on made-up keys, through pages, windows and tiles, against plain attention."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.sparse_attention.pages.metadata import PageMetadata, page_bounds
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import TopPages, page_mask, shared_bounds
from ahasd.sparse_attention.pages.window import Window
from ahasd.sparse_attention.tiles.partial_softmax import attend, merge, normalised


def _masked(queries: np.ndarray, keys: np.ndarray, values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    scores = np.where(mask, queries @ keys.T / np.sqrt(keys.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights @ values / weights.sum(axis=1, keepdims=True))


def _paged(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, paging: Paging, banks: int
) -> tuple[np.ndarray, np.ndarray]:
    """As banks compute it: each its tokens, interleaved one by one, then merged."""
    context, candidates = len(keys), paging.candidates(len(keys))
    metadata = PageMetadata.of_keys(keys, paging.page)
    between = slice(candidates.start, candidates.stop)
    bounds = shared_bounds(page_bounds(queries, metadata.least[between], metadata.greatest[between]))
    mask = page_mask(paging, TopPages(paging).select(bounds, context), context)
    tokens = np.flatnonzero(mask)
    scale = keys.shape[1] ** -0.5
    parts = [
        attend(queries, keys[tokens[tokens % banks == bank]], values[tokens[tokens % banks == bank]], scale)
        for bank in range(banks)
    ]
    return normalised(merge(parts)), mask


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 9), st.integers(1, 5))
def test_a_budget_of_the_whole_context_is_dense_attention(
    seed: int, context: int, page: int, banks: int
) -> None:
    draws = np.random.default_rng(seed)
    queries, keys, values = (
        draws.normal(size=(4, 8)),
        draws.normal(size=(context, 8)),
        draws.normal(size=(context, 8)),
    )
    found, mask = _paged(queries, keys, values, Paging(page, max(page, context), Window(2, 3)), banks)
    assert mask.all()
    assert np.abs(found - _masked(queries, keys, values, mask)).max() < 1e-9


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.integers(1, 9), st.integers(1, 5))
def test_pages_in_tiles_are_the_softmax_over_the_same_tokens(
    seed: int, context: int, page: int, banks: int
) -> None:
    draws = np.random.default_rng(seed)
    queries, keys, values = (
        draws.normal(size=(4, 8)),
        draws.normal(size=(context, 8)),
        draws.normal(size=(context, 8)),
    )
    found, mask = _paged(queries, keys, values, Paging(page, page, Window(4, 5)), banks)
    assert np.abs(found - _masked(queries, keys, values, mask)).max() < 1e-9


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_a_streaming_head_is_attention_under_the_windows_mask(seed: int, context: int) -> None:
    draws = np.random.default_rng(seed)
    queries, keys, values = (
        draws.normal(size=(2, 8)),
        draws.normal(size=(context, 8)),
        draws.normal(size=(context, 8)),
    )
    window = Window(4, 9)
    # A ring: the first tokens stay, the last ones take turns in the other places.
    ring = {place if place < 4 else 4 + (place - 4) % 9: place for place in range(context)}
    kept = np.array(list(ring.values()))
    found = normalised(attend(queries, keys[kept], values[kept], 8**-0.5))
    assert np.abs(found - _masked(queries, keys, values, window.mask(context))).max() < 1e-9


def test_a_needle_is_found_by_its_pages_bound() -> None:
    draws = np.random.default_rng(1)
    keys, values = draws.normal(size=(4096, 16)), draws.normal(size=(4096, 16))
    query = draws.normal(size=(1, 16))
    keys[1777] = 6 * query[0]
    paging = Paging(16, 64, Window(16, 32))
    found, mask = _paged(query, keys, values, paging, 8)
    assert mask[1777]
    assert found[0] == pytest.approx(values[1777], abs=1e-3)
