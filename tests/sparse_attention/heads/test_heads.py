"""Head patterns and the split that is made of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.sparse_attention.heads.head_class import HeadClass
from ahasd.sparse_attention.heads.pattern import HeadPattern, read_pattern
from ahasd.sparse_attention.heads.shipped import pattern_names, shipped_pattern
from ahasd.sparse_attention.heads.split import HeadSplit

_SHAPES = {
    "llama-2-7b-32k": (32, 32),
    "llama-3-8b-gradient-1048k": (32, 8),
    "llama-3.1-8b": (32, 8),
    "mistral-7b-v0.2": (32, 8),
}


def test_the_shipped_patterns_have_the_shapes_of_their_models_and_name_their_source() -> None:
    assert pattern_names() == sorted(_SHAPES)
    for name, shape in _SHAPES.items():
        pattern = shipped_pattern(name)
        assert pattern.need.shape == shape
        assert "mit-han-lab/duo-attention" in pattern.source
        assert "MIT" in pattern.source


def test_half_of_llama_31s_heads_streaming_makes_heads_streaming_that_training_calls_full() -> None:
    pattern = shipped_pattern("llama-3.1-8b")
    split = HeadSplit.by_need(pattern, 0.5, HeadClass.PAGED)
    paged = split.in_layers(HeadClass.PAGED)
    # Read in the public table: 234 of 256 gates lie above one half, and the cut at half of the heads at 0.953.
    assert (pattern.need > 0.5).sum() == 234
    assert np.median(pattern.need) == pytest.approx(0.953, abs=0.002)
    assert (paged.min(), paged.max(), paged.mean()) == (1, 8, 4.0)


def test_llama_2_keeps_4_to_28_of_32_heads_in_a_layer() -> None:
    paged = HeadSplit.by_need(shipped_pattern("llama-2-7b-32k"), 0.5, HeadClass.PAGED).in_layers(
        HeadClass.PAGED
    )
    assert (paged.min(), paged.max()) == (4, 28)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_the_share_of_streaming_heads_is_exact_and_they_need_least(
    layers: int, heads: int, share: float, seed: int
) -> None:
    need = np.random.default_rng(seed).integers(0, 4, (layers, heads)) / 4  # with ties
    split = HeadSplit.by_need(HeadPattern("drawn", need, "drawn"), share, HeadClass.DENSE)
    streaming = split.classes == HeadClass.STREAMING
    assert streaming.sum() == round(share * need.size)
    if streaming.any() and not streaming.all():
        assert need[streaming].max() <= need[~streaming].min()


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1))
def test_an_even_split_differs_by_a_head_between_layers(layers: int, heads: int, share: float) -> None:
    streaming = HeadSplit.even(layers, heads, share, HeadClass.PAGED).in_layers(HeadClass.STREAMING)
    assert streaming.max() - streaming.min() <= 1
    assert abs(streaming.sum() - layers * heads * share) <= 0.5 + 1e-9


def test_dense_layers_come_first_and_change_no_other() -> None:
    split = HeadSplit.alike(4, 2, HeadClass.PAGED).with_dense_layers(2)
    assert split.classes.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
    with pytest.raises(AhasdError, match="between 0 and the model's 4"):
        split.with_dense_layers(5)


def test_a_users_table_is_read_and_a_wrong_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "heads.tsv"
    path.write_text("0.5\t1\n0 0.25\n")
    assert read_pattern(path).need.tolist() == [[0.5, 1.0], [0.0, 0.25]]
    for text, said in {
        "": "is empty",
        "0.5\t1\n0.5\n": "line 2: 1 heads, and the lines before have 2",
        "0.5\tx\n": "'x' is no number",
        "0.5\tnan\n": "'nan' is no number",
        "0.5\t1.5\n": "layer 0, head 1 is 1.5",
    }.items():
        path.write_text(text)
        with pytest.raises(AhasdError, match=said):
            read_pattern(path)


def test_a_pattern_of_another_model_is_refused_with_both_shapes() -> None:
    with pytest.raises(AhasdError, match="32 layers of 32 key-value heads, and m has 32 of 8"):
        shipped_pattern("llama-2-7b-32k").check_fits("m", 32, 8)
    with pytest.raises(UnknownNameError, match=r"llama-3\.1-8b"):
        shipped_pattern("llama-3.1-8")
