"""A verification of 1000 + 1·L cycles, mostly weights, under both latency models; both clocks are equal."""

import pytest

from ahasd.speculation.control.tvc.tvc import (
    LongerTasks,
    OfflineProfile,
    TimeAwareVerificationControl,
    TimeAwareVerificationOptions,
)


def verification(kv_length):
    return 1000 + kv_length


FIRST = {
    "npu_verification_cycles": verification(100),
    "kv_length": 100,
    "pim_draft_cycles": 60,
    "pim_preverification_cycles": 110,
}
LONGER = LongerTasks(
    npu_verification_cycles=verification(500),
    kv_length=500,
    pim_draft_cycles=240,
    pim_preverification_cycles=140,
    tokens=4,
)


def control(model, longer=None, **options):
    return TimeAwareVerificationControl(
        TimeAwareVerificationOptions(latency_model=model, **options),
        OfflineProfile(**FIRST, longer=longer),
        npu_clock_hz=1e9,
        pim_clock_hz=1e9,
    )


def run(tvc, kv_lengths):
    for kv_length in kv_lengths:
        tvc.npu_verified(verification(kv_length), kv_length)


def test_after_a_new_prompt_only_the_proportional_model_is_several_fold_off():
    short, long = [104, 108, 112], 2000
    errors = {}
    for model in ("proportional", "affine"):
        tvc = control(model)
        run(tvc, short)
        before = tvc.statistics.relative_error_maximum
        run(tvc, [long])
        errors[model] = (before, tvc.statistics.relative_error_maximum)
    # Mean of (1000 + L) / L over 100, 104, 108, 112 is 10.444: 20887 cycles for 3000.
    assert errors["proportional"][0] < 0.08
    assert errors["proportional"][1] == pytest.approx(20887 / 3000 - 1, rel=1e-3)
    # The first prediction has one sample and takes 1100 cycles for all: 4 of 1104 off; then the line is exact.
    assert errors["affine"] == pytest.approx((4 / 1104, 4 / 1104))


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        (
            "proportional",
            0,
        ),  # C_NPU = 1.498 · 120 = 179.8; less 60 and C_draft(1) = 60: 59.8, and one takes 110
        ("affine", 9),  # C_NPU = 1120; less 120: 1000
    ],
)
def test_back_to_a_short_context_the_proportional_model_sees_no_time_where_there_is_plenty(model, tokens):
    tvc = control(model)
    run(tvc, [2000, 2004, 2008, 2012])
    assert tvc.tokens_to_preverify(120, elapsed_npu_cycles=60) == tokens


def test_the_errors_are_those_of_the_table_before_the_sample():
    tvc = control("proportional", samples=1)
    assert tvc.statistics.mean_relative_error is None
    tvc.npu_verified(2200, 100)  # predicted 1100: half off
    tvc.npu_verified(1100, 100)  # predicted 2200: once off
    assert tvc.statistics.predicted == 2
    assert tvc.statistics.mean_relative_error == pytest.approx((0.5 + 1.0) / 2)
    assert tvc.statistics.relative_error_maximum == pytest.approx(1.0)


def test_a_profile_of_two_points_makes_the_affine_model_right_from_the_start():
    alone, both = control("affine"), control("affine", LONGER)
    for tvc in (alone, both):
        run(tvc, [1500])
    assert alone.statistics.mean_relative_error == pytest.approx((2500 - 1100) / 2500)
    assert both.statistics.mean_relative_error == pytest.approx(0)
    # Drafts: 60 a token. Pre-verifications: 110 and 140 for 1 and 4 tokens, so 100 + 10 a token.
    assert both.pim_drafts.predict(3) == pytest.approx(180)
    assert both.pim_preverifications.predict(3) == pytest.approx(130)
    # C_left at L = 500, at once: 1500 − 60 = 1440; ⌊(1440 − 100) / 10⌋ = 134, or ⌊1440 / 110⌋ by the ratio of one.
    assert control("affine", LONGER).tokens_to_preverify(500, 0) == 134


def test_the_model_of_the_paper_starts_from_one_token_alone():
    tvc = control("proportional", LONGER)
    assert len(tvc.npu_verifications) == len(tvc.pim_drafts) == len(tvc.pim_preverifications) == 1
    assert tvc.npu_verifications.predict(100) == pytest.approx(1100)


def test_one_length_means_a_fixed_time_on_the_npu_and_a_time_per_token_on_the_pim():
    tvc = control("affine")
    assert tvc.npu_verifications.predict(4000) == pytest.approx(1100)
    assert tvc.pim_drafts.predict(4) == pytest.approx(240)
    assert tvc.pim_preverifications.predict(4) == pytest.approx(440)
