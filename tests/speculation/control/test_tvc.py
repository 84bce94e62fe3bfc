"""TVC worked by hand, with clocks of 1 GHz (NPU) and 800 MHz (PIM): 5 NPU cycles are 4 PIM cycles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ahasd.speculation.control.tvc.tvc import (
    OfflineProfile,
    TimeAwareVerificationControl,
    TimeAwareVerificationOptions,
)

PROFILE = OfflineProfile(
    npu_verification_cycles=1250, kv_length=10, pim_draft_cycles=60, pim_preverification_cycles=100
)


def control(**options):
    return TimeAwareVerificationControl(
        TimeAwareVerificationOptions(**options), PROFILE, npu_clock_hz=1.0e9, pim_clock_hz=0.8e9
    )


def test_npu_cycles_are_converted_by_the_ratio_of_the_clocks():
    assert control().pim_cycles(1250) == pytest.approx(1000)


def test_starts_cold_from_the_profile():
    # C_NPU = 1250·0.8/10 · 10 = 1000 PIM cycles; C_now = 500·0.8 = 400; C_draft(1) = 60.
    # C_left = 1000 − (400 + 60) = 540; n = ⌊540 / 100⌋ = 5
    assert control().tokens_to_preverify(10, 500) == 5


def test_without_the_conversion_the_answer_would_differ():
    # With C_now = 500 unconverted: C_left = 1000 − 560 = 440, n = 4. The same clocks give, indeed,
    # C_NPU = 1250, C_now = 500: C_left = 690, n = 6.
    same_clocks = TimeAwareVerificationControl(TimeAwareVerificationOptions(), PROFILE, 1e9, 1e9)
    assert same_clocks.tokens_to_preverify(10, 500) == 6
    assert control().tokens_to_preverify(10, 500) == 5


@pytest.mark.parametrize(
    ("elapsed_npu_cycles", "tokens"),
    [
        (1000, 1),  # C_left = 1000 − 860 = 140
        (1100, 0),  # C_left = 1000 − 940 = 60: less than one token fits
        (1250, 0),  # C_left = −60: the prediction says the NPU is done
        (5000, 0),  # C_left = −3060: it has been wrong for long, and n never goes below 0
    ],
)
def test_too_little_time_means_keep_drafting(elapsed_npu_cycles, tokens):
    tvc = control()
    assert tvc.tokens_to_preverify(10, elapsed_npu_cycles) == tokens
    assert (tvc.statistics.inserted, tvc.statistics.tokens) == (int(tokens > 0), tokens)


def test_each_table_is_the_mean_of_its_ratios():
    tvc = control()
    # NVCT: 100 and (3750·0.8)/10 = 300 → 200. PDCT: 60 and 400/4 = 100 → 80. PVCT: 100 and 600/2 = 300 → 200.
    tvc.npu_verified(3750, kv_length=10)
    tvc.drafted(400, length=4)
    tvc.preverified(600, length=2)
    assert tvc.npu_verifications.mean == pytest.approx(200)
    assert tvc.pim_drafts.mean == pytest.approx(80)
    assert tvc.pim_preverifications.mean == pytest.approx(200)
    # C_NPU = 200·20 = 4000; C_now = 1000·0.8 = 800; C_left = 4000 − 880 = 3120; n = ⌊15.6⌋ = 15
    assert tvc.tokens_to_preverify(20, 1000) == 15


def test_the_oldest_sample_leaves_a_full_table():
    tvc = control()
    for cycles in (200, 300, 400):
        tvc.drafted(cycles, length=1)
    assert tvc.pim_drafts.mean == pytest.approx((60 + 200 + 300 + 400) / 4)
    tvc.drafted(500, length=1)  # the profile leaves
    assert len(tvc.pim_drafts) == 4
    assert tvc.pim_drafts.mean == pytest.approx((200 + 300 + 400 + 500) / 4)


def test_the_table_size_is_an_option():
    tvc = control(samples=1)
    tvc.drafted(500, length=1)
    assert tvc.pim_drafts.mean == pytest.approx(500)


def test_no_more_than_there_is_to_verify():
    tvc = control()
    assert tvc.tokens_to_preverify(10, 500, unverified=3) == 3  # n = 5, see above
    assert tvc.tokens_to_preverify(10, 500, unverified=0) == 0
    assert (tvc.statistics.consulted, tvc.statistics.inserted, tvc.statistics.tokens) == (2, 1, 3)


def test_useful_tokens_are_counted_and_bounded():
    tvc = control()
    tvc.tokens_to_preverify(10, 500)  # 5 tokens
    tvc.committed(2)
    tvc.committed(3)
    assert tvc.statistics.useful == 5
    with pytest.raises(ValueError, match="useful"):
        tvc.committed(1)


@pytest.mark.parametrize(("cycles", "length"), [(0, 1), (-1, 1), (10, 0)])
def test_impossible_samples_are_refused(cycles, length):
    with pytest.raises(ValueError, match="impossible"):
        control().drafted(cycles, length)


def test_impossible_options_are_refused():
    with pytest.raises(ValidationError):
        TimeAwareVerificationOptions(samples=0)
    with pytest.raises(ValidationError):
        TimeAwareVerificationOptions(latency_model="quadratic")
    with pytest.raises(ValidationError):
        OfflineProfile(
            npu_verification_cycles=1, kv_length=1, pim_draft_cycles=0, pim_preverification_cycles=1
        )
    with pytest.raises(ValueError, match="clocks"):
        TimeAwareVerificationControl(TimeAwareVerificationOptions(), PROFILE, 1e9, 0)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 4096))
def test_the_later_it_is_the_fewer_tokens_fit(earlier, later, kv_length):
    earlier, later = sorted((earlier, later))
    assert control().tokens_to_preverify(kv_length, earlier) >= control().tokens_to_preverify(
        kv_length, later
    )
