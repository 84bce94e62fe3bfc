"""Attention in tiles against attention at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.sparse_attention.tiles.partial_softmax import attend, merge, normalised


def _plain(queries: np.ndarray, keys: np.ndarray, values: np.ndarray, scale: float) -> np.ndarray:
    scores = scale * queries @ keys.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weights @ values / weights.sum(axis=1, keepdims=True))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 8), st.floats(0.1, 30))
def test_tiles_merge_to_the_plain_softmax(seed: int, tokens: int, tiles: int, scale: float) -> None:
    draws = np.random.default_rng(seed)
    queries, keys, values = (draws.normal(size=(n, 5)) for n in (3, tokens, tokens))
    owner = draws.integers(0, tiles, tokens)  # some tiles may hold nothing
    parts = [attend(queries, keys[owner == tile], values[owner == tile], scale) for tile in range(tiles)]
    merged = normalised(merge([parts[i] for i in draws.permutation(tiles)]))
    assert np.abs(merged - _plain(queries, keys, values, scale)).max() < 1e-9


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_merging_in_a_tree_is_merging_at_once(seed: int) -> None:
    draws = np.random.default_rng(seed)
    queries = draws.normal(size=(2, 4)) * 40
    parts = [attend(queries, draws.normal(size=(7, 4)), draws.normal(size=(7, 4)), 1.0) for _ in range(5)]
    tree = merge([merge(parts[:2]), merge([merge(parts[2:4]), parts[4]])])
    assert np.allclose(normalised(tree), normalised(merge(parts)), atol=1e-12)


def test_scores_beyond_what_exponentials_hold_merge_all_the_same() -> None:
    queries, keys = np.array([[1.0]]), np.array([[2000.0], [1.0], [1999.0]])
    values = np.array([[1.0], [5.0], [3.0]])
    parts = [attend(queries, keys[i : i + 1], values[i : i + 1], 1.0) for i in range(3)]
    assert np.allclose(normalised(merge(parts)), _plain(queries, keys, values, 1.0))
