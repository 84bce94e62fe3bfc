"""The policies against transcriptions of their published rules."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.drafting.algorithms.adaedl import AdaEdl
from ahasd.speculation.drafting.algorithms.fixed import FixedLength
from ahasd.speculation.drafting.algorithms.svip import Svip
from ahasd.traces.rollout.walk import DraftSignals

entropy_lists = st.lists(st.floats(0, 20), min_size=50, max_size=50)


def adaedl(step=0.01):
    return AdaEdl(gamma=0.2, threshold=0.8, target=0.9, step=step, memory=0.5, inertia=0.9, maximum=16)


def batch_length(policy, entropies, round=0):
    policy.start(round)
    for length, entropy in enumerate(entropies, start=1):
        if policy.should_stop(DraftSignals(entropy, draft_probability=0.5, predicted_acceptance=None)):
            return length
    raise AssertionError("did not stop")


@given(entropy_lists, st.integers(1, 50))
def test_fixed_ignores_the_draft(entropies, length):
    assert batch_length(FixedLength(length), entropies) == length


@given(entropy_lists, st.floats(0.01, 2))
def test_svip_keeps_the_first_token_above_its_threshold(entropies, h):
    expected = 0
    for entropy in entropies[:40]:
        expected += 1
        if sqrt(0.15 * entropy) > h:
            break
    assert batch_length(Svip(h=h, maximum=40), entropies) == expected


def test_svip_at_its_published_threshold_stops_above_six_tenths_of_a_nat():
    # √(0.15·0.6) = √0.09 = 0.3, not above; so 0.59 goes on and 0.61 stops.
    assert batch_length(Svip(h=0.3, maximum=40), [0.1, 0.59, 0.61, 0.1]) == 3


def test_adaedl_at_its_published_threshold_stops_above_two_tenths_of_a_nat():
    # 1 − √(0.2·H) < 0.8 ⇔ H > 0.2² / 0.2 = 0.2
    policy = adaedl()
    assert batch_length(policy, [0.1, 0.19, 0.21, 0.1]) == 3


def test_adaedl_adapts_by_hand():
    policy = adaedl()
    policy.verified(0, drafted=4, accepted=4, seconds=1.0)
    # AR = 0.5·0 + 0.5·1 = 0.5 < 0.9: λ' = 0.81; λ = 0.9·0.8 + 0.1·0.81 = 0.801
    assert policy.threshold == pytest.approx(0.801)
    for _ in range(3):
        policy.verified(0, drafted=4, accepted=4, seconds=1.0)
    # AR = 0.75 and 0.875: up twice, 0.803; then 0.9375 ≥ 0.9: down, 0.802
    assert policy.threshold == pytest.approx(0.802)
    policy.verified(0, drafted=16, accepted=16, seconds=1.0)
    # AR 0.96875, but the maximum was drafted: unchanged
    assert policy.threshold == pytest.approx(0.802)
    policy.verified(0, drafted=4, accepted=0, seconds=1.0)
    # AR = 0.484: up
    assert policy.threshold == pytest.approx(0.803)


def test_adaedl_with_step_zero_keeps_its_threshold():
    policy = adaedl(step=0.0)
    for accepted in (0, 4, 0, 4, 4, 4, 4, 4):
        policy.verified(0, drafted=4, accepted=accepted, seconds=1.0)
    assert policy.threshold == pytest.approx(0.8)


@pytest.mark.parametrize("seed", range(5))
def test_adaedl_follows_the_published_rule_over_many_rounds(seed):
    random = np.random.default_rng(seed)
    policy = adaedl()
    # Draft & Verify (arXiv 2309.08168), with AdaEDL's bound in place of the draft's probability.
    threshold, matchness = 0.8, 0.0
    for round in range(400):
        entropies = random.exponential(0.3, 16)
        expected = 0
        for entropy in entropies:
            expected += 1
            if 1 - np.sqrt(0.2 * entropy) < threshold:
                break
        length = batch_length(policy, entropies.tolist(), round)
        assert length == expected
        # Full acceptance at first, little later: λ falls, then climbs.
        matched = length if round < 200 else int(random.integers(0, length + 1))
        policy.verified(round, length, matched, seconds=0.1)
        matchness = 0.5 * matchness + (1 - 0.5) * (matched / length)
        if matchness < 0.9:
            new_threshold = threshold + 0.01
        elif length == 16:
            new_threshold = threshold
        else:
            new_threshold = threshold - 0.01
        threshold = 0.9 * threshold + (1 - 0.9) * new_threshold
        assert policy.threshold == pytest.approx(threshold, abs=1e-12)
        threshold = policy.threshold  # so that rounding cannot make the two part


@pytest.mark.parametrize("length", [0, -1])
def test_a_batch_without_tokens_is_none(length):
    with pytest.raises(ValueError, match=f"at least one token, not {length}"):
        FixedLength(length)
    FixedLength(1)
