"""The trace type: what it refuses, what it says of itself, and how it is split and shifted."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.traces.rollout.rollout import RolloutTrace, TraceHeader
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.walk import TraceWalk

NAN = float("nan")


def with_value(trace: RolloutTrace, name: str, at: tuple[int, ...], value: float) -> dict[str, Any]:
    changed = trace.tensors()[name].copy()
    changed[at] = value
    return {name: changed}


@pytest.mark.parametrize(
    ("name", "at", "value", "message"),
    [
        ("entropy", (2, 1), NAN, "entropy row 2, step 1 is nan"),
        ("entropy", (0, 0), -0.5, "entropy row 0, step 0 is -0.5"),
        ("entropy", (5, 2), 14.0, r"entropy row 5, step 2 is 14.0; must be in \[0, 13.863\] nats"),
        ("entropy", (5, 2), float("inf"), "entropy row 5, step 2 is inf"),
        ("target_entropy", (3,), NAN, "target_entropy row 3 is nan"),
        ("target_entropy", (3,), 20.0, "target_entropy row 3 is 20.0"),
        ("draft_probability", (1, 0), 1.5, r"draft_probability row 1, step 0 is 1.5; must be in \[0, 1\]"),
        ("draft_probability", (1, 0), NAN, "draft_probability row 1, step 0 is nan"),
        ("acceptance_probability", (4, 2), -0.25, "acceptance_probability row 4, step 2 is -0.25"),
        ("acceptance_probability", (4, 2), NAN, "acceptance_probability row 4, step 2 is nan"),
        ("accepted", (4, 2), 2, "accepted row 4, step 2 is 2"),
        ("prompt_start", (0,), 1, "prompt_start row 0 is 1; must be 0"),
        ("prompt_start", (1,), 6, "prompt_start row 2 is 6; must be above the row before it, 6"),
        ("prompt_start", (2,), 7, "prompt_start row 2 is 7; must be N = 6"),
    ],
)
def test_a_value_out_of_range_is_named(
    hand_made: RolloutTrace, name: str, at: tuple[int, ...], value: float, message: str
) -> None:
    with pytest.raises(AhasdError, match=message):
        replace(hand_made, **with_value(hand_made, name, at, value))


def test_predicted_acceptance_is_checked_too(hand_made: RolloutTrace) -> None:
    predicted = np.full((6, 3), 2.0, np.float16)
    with pytest.raises(AhasdError, match="predicted_acceptance row 0, step 0 is 2"):
        replace(hand_made, predicted_acceptance=predicted)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entropy": np.zeros((6, 3), np.float32)}, "entropy has dtype float32; must be float16"),
        ({"accepted": np.zeros((6, 3), bool)}, "accepted has dtype bool; must be uint8"),
        ({"prompt_start": np.array([0, 6])}, "prompt_start has dtype int64; must be int32"),
        ({"entropy": [[0.0]]}, "entropy is a list"),
        ({"entropy": np.zeros(6, np.float16)}, "must be N×K"),
        ({"entropy": np.zeros((6, 0), np.float16)}, "at least one draft step"),
        ({"entropy": np.zeros((0, 3), np.float16)}, "at least one position"),
        ({"accepted": np.zeros((6, 4), np.uint8)}, r"accepted has shape \(6, 4\); must be \(6, 3\)"),
        ({"target_entropy": np.zeros((6, 3), np.float16)}, r"target_entropy has shape \(6, 3\)"),
        ({"prompt_start": np.array([0], np.int32)}, "must be P\\+1 numbers"),
        ({"prompt_start": np.array([[0, 6]], np.int32)}, "must be P\\+1 numbers"),
    ],
)
def test_a_wrong_shape_or_type_is_named(hand_made: RolloutTrace, change: Any, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        replace(hand_made, **change)


def test_a_greedy_trace_has_no_chance_in_it(make_trace: Any) -> None:
    greedy = make_trace([[1, 0], [0, 1]], mode="greedy")
    with pytest.raises(AhasdError, match=r"acceptance_probability row 1, step 0 is 0.5; must be 0 or 1"):
        replace(greedy, **with_value(greedy, "acceptance_probability", (1, 0), 0.5))
    with pytest.raises(AhasdError, match="accepted row 0, step 1 is 1; must equal"):
        replace(greedy, **with_value(greedy, "accepted", (0, 1), 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "beam"}, "mode is 'beam'"),
        ({"temperature": -1.0}, "temperature is -1"),
        ({"temperature": NAN}, "temperature is nan"),
        ({"temperature": 0.0}, "temperature is 0 in a sampled trace"),
        ({"seed": -3}, "seed is -3"),
        ({"format_version": 2}, "version 2 is not supported"),
    ],
)
def test_a_header_out_of_range_is_refused(hand_made: RolloutTrace, change: Any, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        replace(hand_made.header, **change)


@given(st.text(), st.floats(0.01, 100), st.integers(0, 2**63))
def test_a_header_survives_its_metadata(text: str, temperature: float, seed: int) -> None:
    header = TraceHeader(text, text, text, "sampled", temperature, seed, text, text, notes=text)
    assert TraceHeader.from_metadata(header.to_metadata()) == header


def test_the_tensors_cannot_be_changed_from_outside(hand_made: RolloutTrace) -> None:
    entropy = hand_made.entropy.copy()
    trace = replace(hand_made, entropy=entropy)
    entropy[0, 0] = 5
    assert trace.entropy[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        trace.entropy[0, 0] = 5


def test_counts(hand_made: RolloutTrace) -> None:
    assert (hand_made.positions, hand_made.steps, hand_made.prompts) == (6, 3, 2)


def test_mean_acceptance_is_of_the_first_step(hand_made: RolloutTrace) -> None:
    probability = np.array([[0.25, 1, 1], [0.75, 0, 0]] * 3, np.float16)
    assert replace(hand_made, acceptance_probability=probability).mean_acceptance == 0.5


def test_the_hash_sees_every_tensor_and_the_header(hand_made: RolloutTrace) -> None:
    assert replace(hand_made).sha256 == hand_made.sha256
    strided = np.asfortranarray(hand_made.entropy)
    assert replace(hand_made, entropy=strided).sha256 == hand_made.sha256
    changed = [
        replace(hand_made, **with_value(hand_made, name, tuple([1] * tensor.ndim), value))
        for name, tensor, value in [
            ("entropy", hand_made.entropy, 3),
            ("draft_probability", hand_made.draft_probability, 0.125),
            ("acceptance_probability", hand_made.acceptance_probability, 0.125),
            ("accepted", hand_made.accepted, 1),
            ("target_entropy", hand_made.target_entropy, 3),
            ("prompt_start", hand_made.prompt_start, 3),
        ]
    ]
    changed.append(replace(hand_made, header=replace(hand_made.header, seed=8)))
    changed.append(replace(hand_made, predicted_acceptance=hand_made.draft_probability))
    assert len({trace.sha256 for trace in [hand_made, *changed]}) == len(changed) + 1


def test_every_fourth_prompt_is_held_out(make_trace: Any) -> None:
    trace = make_trace([[1]] * 12, [0, 1, 3, 4, 6, 7, 12])
    held_out, rest = trace.split_prompts()
    assert held_out.entropy[:, 0].tolist() == [0, 6]  # prompts 0 and 4
    assert held_out.prompt_start.tolist() == [0, 1, 2]
    assert rest.entropy[:, 0].tolist() == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]  # prompts 1, 2, 3, 5
    assert rest.prompt_start.tolist() == [0, 2, 3, 5, 10]


def test_two_prompts_are_enough_to_split_and_one_is_not(hand_made: RolloutTrace, make_trace: Any) -> None:
    held_out, rest = hand_made.split_prompts()
    assert (held_out.positions, rest.positions) == (4, 2)
    with pytest.raises(AhasdError, match="single prompt"):
        make_trace([[1]] * 6).split_prompts()
    with pytest.raises(AhasdError, match="every 1 prompts"):
        hand_made.split_prompts(every=1)


@pytest.mark.parametrize(("level", "expected"), [(-1, 0), (-0.5, 0.25), (0.5, 0.75), (1, 1)])
def test_acceptance_is_scaled_towards_none_or_all(
    hand_made: RolloutTrace, level: float, expected: float
) -> None:
    shifted = hand_made.with_acceptance(level)
    assert (shifted.acceptance_probability == expected).all()
    assert shifted.sha256 != hand_made.sha256
    assert f"{level:+g}" in shifted.header.notes


def test_acceptance_shifted_by_nothing_is_the_trace(hand_made: RolloutTrace) -> None:
    assert hand_made.with_acceptance(0) is hand_made


def test_a_shifted_greedy_trace_counts_as_sampled(make_trace: Any) -> None:
    greedy = make_trace([[1, 0], [0, 1]], mode="greedy")
    shifted = greedy.with_acceptance(-0.25)
    assert shifted.header.mode == "sampled"
    assert shifted.acceptance_probability.tolist() == [[0.75, 0], [0, 0.75]]


def test_recorded_and_redrawn_coins_follow_the_shift() -> None:
    trace = synthesize(acceptance=0.6, auc=0.5)
    for level, mean in [(-0.5, 0.3), (0.5, 0.8)]:
        shifted = trace.with_acceptance(level)
        assert shifted.accepted.mean() == pytest.approx(mean, abs=0.006)
        assert TraceWalk(shifted, 0).coin_set(0).coins.mean() == pytest.approx(mean, abs=0.006)


def test_coins_only_gain_as_the_level_rises() -> None:
    trace = synthesize(acceptance=0.6, auc=0.8, positions=500)
    levels = [-1, -0.6, -0.2, 0, 0.2, 0.6, 1]
    redrawn = [TraceWalk(trace.with_acceptance(level), 0).coin_set(0).coins for level in levels]
    recorded = [trace.with_acceptance(level).accepted for level in levels]
    for coins in (redrawn, recorded):
        assert all((low <= high).all() for low, high in pairwise(coins))
        assert not coins[0].any()
        assert coins[-1].all()


@pytest.mark.parametrize("level", [-1.01, 2, NAN])
def test_a_level_out_of_range_is_refused(hand_made: RolloutTrace, level: float) -> None:
    with pytest.raises(AhasdError, match="acceptance level is"):
        hand_made.with_acceptance(level)
