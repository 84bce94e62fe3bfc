"""The simulator's classes in fixed point, worked by hand and against exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ahasd.speculation.control.edc.edc import EntropyDraftControl, EntropyDraftControlOptions
from ahasd.speculation.control.fixed_point import CycleFormat
from ahasd.speculation.control.tvc.fixed_point_table import FixedPointTable
from ahasd.speculation.control.tvc.tvc import (
    OfflineProfile,
    TimeAwareVerificationControl,
    TimeAwareVerificationOptions,
)

EDC = EntropyDraftControl(EntropyDraftControlOptions(arithmetic="fixed"))
PROFILE = OfflineProfile(
    npu_verification_cycles=1250, kv_length=10, pim_draft_cycles=60, pim_preverification_cycles=100
)
FIXED = TimeAwareVerificationOptions(arithmetic="fixed")


@given(st.lists(st.integers(0, 4095), min_size=1, max_size=64))
def test_the_bucket_is_that_of_the_exact_mean(words):
    # The hardware's: ⌊8 · sum / (n · 1536)⌋ with H_max = 6 nats = 1536 / 256.
    exact = min(8 * sum(words) // (len(words) * 1536), 7)
    assert EDC.bucket(sum(word / 256 for word in words) / len(words)) == exact


@pytest.mark.parametrize(
    ("nats", "given"), [(0.0, 0.0), (1.00390625, 1.00390625), (1.0077, 1.00390625), (99, 4095 / 256)]
)
def test_entropies_are_rounded_down_and_saturate(nats, given):
    assert EDC.entropy(nats) == given


def test_floats_are_left_as_they_are():
    assert EntropyDraftControl(EntropyDraftControlOptions()).entropy(1.0077) == 1.0077


def test_tvc_by_hand():
    tvc = TimeAwareVerificationControl(FIXED, PROFILE, 1e9, 0.8e9)
    # The clock ratio is 26214 / 32768, a little below 0.8: 1250 cycles are 999; 999 · 256 / 10 = 25574 units.
    assert tvc.pim_cycles(1250) == 999
    assert tvc.npu_verifications.mean == 25574 / 256
    # C_NPU = 998.98; C_now = ⌊500 · 26214 / 32768⌋ = 399; C_left = 998.98 - 399 - 60 = 539.98, n = 5.
    assert tvc.tokens_to_preverify(10, 500) == 5


@given(
    st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 2**16 - 1)), min_size=1, max_size=4),
    st.integers(1, 2**16 - 1),
)
def test_a_prediction_is_below_the_exact_one_by_at_most_two_roundings(samples, length):
    table = FixedPointTable(4, CycleFormat())
    for cycles, tokens in samples:
        table.add(cycles, tokens)
    exact = sum(Fraction(cycles, tokens) for cycles, tokens in samples) / len(samples) * length
    found = Fraction(table.predict(length))
    most = Fraction(2**40 - 1, 256)
    assert min(exact, most) - Fraction(2 * length, 256) <= found <= exact


def test_fixed_point_has_no_affine_model_and_no_clock_ratio_of_two():
    with pytest.raises(ValidationError, match="no affine latency_model"):
        TimeAwareVerificationOptions(arithmetic="fixed", latency_model="affine")
    with pytest.raises(ValueError, match="PIM clock 2 times"):
        TimeAwareVerificationControl(FIXED, PROFILE, 1e9, 2e9)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("cycle_bits", 8, 40),
        ("length_bits", 4, 20),
        ("fraction_bits", 0, 10),
        ("clock_ratio_bits", 4, 20),
        ("token_bits", 1, 12),
    ],
)
def test_words_that_the_hardware_is_not_built_for_are_refused(field, least, most):
    for bits in (least, most):
        assert getattr(CycleFormat(**{field: bits}), field) == bits
    for bits in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=field):
            CycleFormat(**{field: bits})


def test_a_table_without_time_has_room_for_nothing_and_at_no_cost_for_all_that_a_word_holds():
    words = CycleFormat()
    table = FixedPointTable(2, words)
    table.add(500, 5)
    assert table.longest(-1) == 0
    assert table.longest(0) == 0
    assert table.longest(199) == 1
    assert table.longest(200) == 2
    free = FixedPointTable(2, words)
    free.add(0.5, 5)
    most = (1 << words.token_bits) - 1
    assert free.longest(0) == free.longest(1e30) == table.longest(1e30) == most
