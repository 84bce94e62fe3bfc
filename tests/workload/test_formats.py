"""Formats with scales: exact bytes, widths of words, and what graphs take of a model that says how it is kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.workload.ggml_formats import CACHE_FORMATS, GGML_FORMATS
from ahasd.workload.number_format import NumberFormat, grouped, word_bits
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.stored_weights import FINE, StoredGroup, StoredWeights, stored_group
from ahasd.workload.weight_formats import WEIGHT_FORMATS, keep_all_as, matrix_elements, weight_format
from ahasd.workload.zoo import load_model

from .drawn import fine_parameters, specs

FORMATS = st.sampled_from(sorted(GGML_FORMATS.values(), key=lambda kept: kept.name))


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("f16", 16),
        ("q8_0", 8.5),
        ("q4_0", 4.5),
        ("q4_k", 4.5),
        ("q6_k", 6.5625),
        ("iq4_xs", 4.25),
        ("mxfp4", 4.25),
    ],
)
def test_bits_per_weight_count_the_scales(name: str, bits: float) -> None:
    assert GGML_FORMATS[name].bits == bits


@given(kept=FORMATS, blocks=st.integers(1, 1000))
def test_whole_blocks_take_whole_blocks(kept: NumberFormat, blocks: int) -> None:
    assert kept.bytes_of(blocks * kept.block) == blocks * kept.block_bytes


@given(kept=FORMATS)
def test_words_are_no_narrower_than_elements_and_hold_the_scales(kept: NumberFormat) -> None:
    held = kept.in_words
    assert held.in_words == held
    assert held.holding_bits in (4, 8, 16)
    assert held.block_bytes == kept.block * kept.holding_bits // 8 + kept.scale_bytes
    if kept.element_bits <= 16:
        assert held.block_bytes >= kept.block_bytes


def test_formats_whose_elements_are_words_stay_as_they_are() -> None:
    same = {name for name, kept in GGML_FORMATS.items() if kept.in_words == kept}
    assert same == {"f16", "bf16", "q8_0", "q4_0", "q4_1", "q4_k", "i8", "i16"}
    assert GGML_FORMATS["q6_k"].in_words.bits == 8 + 8 * 18 / 256
    assert GGML_FORMATS["iq4_nl"].in_words.bits == GGML_FORMATS["q8_0"].bits, (
        "a code book's entries have 8 bits"
    )


def test_groups_add_their_scales_to_every_element() -> None:
    assert grouped("awq", 4, 128, 20).bits == 4 + 20 / 128
    assert grouped("nf4", 4, 64, 8, held_bits=16).holding_bits == 16


@pytest.mark.parametrize(("bits", "words"), [(4, 4), (6.5625, 4), (8, 8), (8.5, 8), (16, 16), (32, 16)])
def test_arithmetic_counts_a_format_by_its_kernels(bits: float, words: int) -> None:
    assert word_bits(bits) == words


@given(spec=specs(), kept=FORMATS)
def test_a_model_in_one_format_has_its_bytes(spec, kept: NumberFormat) -> None:
    stored = keep_all_as(spec, kept, "test")
    assert stored.stored_weights is not None
    matrices = spec.parameters - fine_parameters(spec)
    assert stored.stored_weights.elements == spec.parameters == stored.parameters
    assert stored.stored_weights.bytes == pytest.approx(
        kept.bits / 8 * matrices + 2 * fine_parameters(spec), abs=len(matrix_elements(spec))
    )
    # A graph has whole bytes in every layer.
    rounding = len(matrix_elements(spec)) * spec.layers
    assert abs(weight_bytes(stored, Precision()) - stored.stored_weights.bytes) <= rounding


@given(spec=specs(), bits=st.sampled_from([4, 8, 16]))
def test_a_format_without_scales_costs_what_its_width_does(spec, bits: int) -> None:
    kept = NumberFormat("plain", 2, bits // 4, 0, bits)
    by_format = forward_pass(keep_all_as(spec, kept, "test"), 2, 3, Precision(8)).operators
    by_width = forward_pass(spec, 2, 3, Precision(bits)).operators
    for ours, theirs in zip(by_format, by_width, strict=True):
        assert ours.weight_bytes == pytest.approx(theirs.weight_bytes, abs=4 * spec.layers)
        assert replace(ours, weight_word_bits=None, weight_stored_bits=None, weight_bytes=0) == replace(
            theirs, weight_bytes=0
        )


def test_matrices_differ_and_a_tied_head_is_the_table() -> None:
    spec = load_model("qwen2.5-0.5b")
    assert spec.tied_embeddings
    elements = matrix_elements(spec)
    q6, q4 = GGML_FORMATS["q6_k"], GGML_FORMATS["q4_k"]
    groups = tuple(
        stored_group(name, [(count, q6 if name in ("embedding", "down") else q4)])
        for name, count in elements.items()
    )
    stored = spec.model_copy(update={"stored_weights": StoredWeights("mix", groups, "test")})
    operators = {operator.name: operator for operator in forward_pass(stored, 1, 0, Precision()).operators}
    assert operators["lm_head"].weight_stored_bits == operators["layer.down"].weight_stored_bits == 6.5625
    assert operators["layer.up"].weight_stored_bits == 4.5
    assert operators["lm_head"].weight_bytes == q6.bytes_of(spec.vocabulary_size * spec.hidden_size)
    assert operators["embedding"].weight_bytes == q6.bytes_of(spec.hidden_size), "one row of the table"


def test_a_matrix_without_a_group_of_its_own_is_one_of_the_others_or_the_mean() -> None:
    groups = (StoredGroup("query", 80, 45, 45), StoredGroup("key", 80, 35, 35), StoredGroup(FINE, 8, 32, 32))
    kept = StoredWeights("mix", groups, "test")
    assert kept.format_of("latent.weight").bits == 4
    other = replace(kept, groups=(*groups, StoredGroup("other", 8, 16, 16)))
    assert other.format_of("latent.weight").bits == 16
    assert kept.fine_format is not None
    assert kept.fine_format.bits == 32


def test_formats_of_a_cache_count_their_scales() -> None:
    spec, plain = load_model("llama2-7b"), kv_cache_bytes(load_model("llama2-7b"), 100, Precision())
    assert kv_cache_bytes(spec, 100, Precision(kv_format=GGML_FORMATS["q8_0"])) * 16 == plain * 17
    assert kv_cache_bytes(spec, 100, Precision(kv_bits=4, kv_format=GGML_FORMATS["q4_0"])) * 16 == plain * 9
    assert set(CACHE_FORMATS) <= set(GGML_FORMATS)


def test_a_plain_width_forgets_nothing_of_a_format_given_before() -> None:
    stored = keep_all_as(load_model("opt-1.3b"), WEIGHT_FORMATS["q4_0"], "test").stored_weights
    once = Precision(16).storing(stored)
    assert once.weight_bits == 4
    assert once.storing(StoredWeights("another", (StoredGroup("query", 1, 1, 1),), "test")) is once
    assert Precision(16).storing(None) == Precision(16)


def test_names_of_formats_that_are_none_are_told() -> None:
    assert weight_format("Q4_0") is WEIGHT_FORMATS["q4_0"]
    with pytest.raises(UnknownNameError, match="q4_0"):
        weight_format("q4_9")
    with pytest.raises(AhasdError, match="GGUF file"):
        weight_format("Q4_K_M")
