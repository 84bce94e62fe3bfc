"""Coins: one per drafted token, whoever asks and in whatever order, and fair."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.synthetic import synthesize
from ahasd.traces.rollout.tape import _COIN_SETS_KEPT
from ahasd.traces.rollout.walk import Coins, DraftChain, TraceWalk


@pytest.fixture(scope="module")
def iid() -> RolloutTrace:
    return synthesize(acceptance=0.8, auc=0.5)


def run(walk: TraceWalk, tokens: int, draft_length: int) -> tuple[int, int, list[int]]:
    """Decode serially; return tokens emitted, verifications, and the rows visited."""
    chain, emitted, rows = walk.start(), 0, []
    while emitted < tokens:
        rows.append(chain.row)
        accepted = chain.leading_accepted(draft_length)
        emitted += accepted + 1
        chain = walk.after(chain, accepted)
    return emitted, len(rows), rows


def path(chain: DraftChain, length: int) -> list[tuple[float, bool]]:
    return [(chain.signals(j).entropy, chain.accepted(j)) for j in range(length)]


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    seed=st.integers(0, 2**40),
    steps=st.integers(1, 4),
    kind=st.sampled_from(["redrawn", "recorded"]),
    acceptance=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
)
def test_the_order_of_asking_changes_nothing(
    data: st.DataObject, seed: int, steps: int, kind: Coins, acceptance: float
) -> None:
    trace = synthesize(acceptance, 0.5, positions=9, steps=steps, prompts=3, seed=seed % 5)
    in_order = TraceWalk(trace, seed, kind)
    chain = in_order.start()
    chains = [chain] + [chain := in_order.after(chain, chain.leading_accepted(2)) for _ in range(25)]
    expected = [path(chain, 10) for chain in chains]

    # Another verifier comes to the same chains, and asks in an order of its own.
    other = TraceWalk(trace, seed, kind)
    chain = other.start()
    others = [chain] + [chain := other.after(chain, chain.leading_accepted(2)) for _ in range(25)]
    questions = data.draw(st.permutations([(c, j) for c in range(26) for j in range(10)]))
    for c, j in questions[:80]:
        assert others[c].accepted(j) == expected[c][j][1]
        assert others[c].signals(j).entropy == expected[c][j][0]
        assert others[c].accepted(j) == chains[c].accepted(j)
    assert in_order.wraps == other.wraps > 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), limit=st.integers(0, 12), acceptance=st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_leading_accepted_counts_the_coins_before_the_first_rejection(
    seed: int, limit: int, acceptance: float
) -> None:
    trace = synthesize(acceptance, 0.5, positions=9, steps=3, prompts=2)
    chain = TraceWalk(trace, seed).start()
    count = 0
    while count < limit and TraceWalk(trace, seed).start().accepted(count):
        count += 1
    assert chain.leading_accepted(limit) == count


def test_a_greedy_trace_keeps_its_recorded_coins(make_trace: Any) -> None:
    coins = np.random.default_rng(0).integers(0, 2, (12, 4))
    trace = make_trace(coins, mode="greedy")
    for wrap in (0, 1, 7):
        np.testing.assert_array_equal(TraceWalk(trace, 5).coin_set(wrap).coins, coins)


def test_recorded_coins_are_kept_on_request(hand_made: RolloutTrace) -> None:
    walk = TraceWalk(hand_made, 3, coins="recorded")
    np.testing.assert_array_equal(walk.coin_set(2).coins, hand_made.accepted)


def test_certain_coins_are_certain(make_trace: Any) -> None:
    certain = (np.arange(48).reshape(12, 4) % 3 == 0).astype(np.float16)
    trace = make_trace(np.ones((12, 4)), acceptance_probability=certain)
    for wrap in range(20):
        np.testing.assert_array_equal(TraceWalk(trace, 1).coin_set(wrap).coins, certain)


def test_redrawn_coins_come_up_as_often_as_their_probability_says(make_trace: Any) -> None:
    probability = np.linspace(0, 1, 24).reshape(6, 4).astype(np.float16)
    walk = TraceWalk(make_trace(np.ones((6, 4)), acceptance_probability=probability), seed=0)
    wraps = 4000
    mean = sum(walk.coin_set(wrap).coins.astype(float) for wrap in range(wraps)) / wraps
    deviation = np.sqrt(probability.astype(float) * (1 - probability.astype(float)) / wraps)
    assert np.all(np.abs(mean - probability) <= 4 * deviation)


def test_each_wrap_has_coins_of_its_own_and_keeps_them(iid: RolloutTrace) -> None:
    walk = TraceWalk(iid, 0)
    first = walk.coin_set(0).coins
    others = [walk.coin_set(wrap).coins for wrap in range(1, 8)]  # more sets than the walk keeps
    for other in others:
        assert 0.3 < (first != other).mean() < 0.34  # independent coins differ in 2·0.8·0.2 of the places
    np.testing.assert_array_equal(walk.coin_set(0).coins, first)


def test_of_a_long_run_few_sets_of_coins_are_kept(iid: RolloutTrace) -> None:
    walk = TraceWalk(iid, 0)
    for wrap in range(20):
        walk.coin_set(wrap)
        assert len(walk._coin_sets) == min(wrap + 1, _COIN_SETS_KEPT)
    assert max(walk._coin_sets) == 19


def test_the_same_seed_gives_the_same_run_and_five_seeds_differ(iid: RolloutTrace) -> None:
    runs = [run(TraceWalk(iid, seed), 300, 8) for seed in range(5)]
    assert runs == [run(TraceWalk(iid, seed), 300, 8) for seed in range(5)]
    assert len({tuple(rows) for _, _, rows in runs}) == 5
    coins = [TraceWalk(iid, seed).coin_set(0).coins for seed in range(5)]
    assert all((coins[a] != coins[b]).any() for a in range(5) for b in range(a))


@pytest.mark.parametrize("draft_length", [1, 4, 20])
def test_tokens_per_verification_of_independent_coins(iid: RolloutTrace, draft_length: int) -> None:
    # Leviathan et al., arXiv 2211.17192, equation 1. A block of 20 runs past the 16 recorded steps.
    walk = TraceWalk(iid, seed=0)
    emitted, verifications, _ = run(walk, 100_000, draft_length)
    assert emitted / verifications == pytest.approx((1 - 0.8 ** (draft_length + 1)) / 0.2, rel=0.01)
    assert walk.wraps >= 100_000 // 8000 - 1


def test_a_long_run_over_a_short_trace_is_unbiased() -> None:
    trace = synthesize(0.7, 0.5, positions=6, steps=3, prompts=2)
    emitted, verifications, _ = run(TraceWalk(trace, seed=1), 50_000, 5)
    assert emitted / verifications == pytest.approx((1 - 0.7**6) / 0.3, rel=0.015)


def test_tokens_past_a_rejection_are_accepted_at_the_conditional_rate(iid: RolloutTrace) -> None:
    walk = TraceWalk(iid, seed=2)
    chain, coins = walk.start(), []
    for _ in range(1500):
        if chain.leading_accepted(16) < 16:
            coins += [chain.accepted(j) for j in range(16, 32)]
        chain = walk.after(chain, chain.leading_accepted(4))
    deviation = (0.8 * 0.2 / len(coins)) ** 0.5
    assert np.mean(coins) == pytest.approx(0.8, abs=5 * deviation)
