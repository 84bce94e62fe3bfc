"""Replays: every expert is a hit or a miss, caches see what the trace holds, and chance is what theory says."""

from dataclasses import replace

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.experts.cache.lru import Lru
from ahasd.experts.cache.policies import POLICIES, parse_policy
from ahasd.experts.replay import highest_scores, replay
from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize
from ahasd.traces.routing.trace import RoutingTrace


@pytest.fixture(scope="module")
def trace() -> RoutingTrace:
    return synthesize(
        SyntheticRouting(experts=16, top=3, layers=4, tokens=400, prompts=4, prefix=30, zipf=0.9, repeat=0.3)
    )


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_expert_is_a_hit_or_a_miss(trace: RoutingTrace, name: str) -> None:
    found = replay(trace, parse_policy(name), 5)
    assert found.all.selected == 400 * 4 * 3
    assert found.prefix.selected == 4 * 30 * 4 * 3
    assert found.prefix.hits + found.continuation.hits == found.all.hits
    assert sum(found.hit_rates) / 4 == pytest.approx(found.all.hit_rate)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_with_a_slot_for_every_expert_each_is_fetched_once(trace: RoutingTrace, name: str) -> None:
    found = replay(trace, parse_policy(name), 16)
    fetched = 0 if name in ("static-hot", "belady") else 4 * 16
    assert found.all.misses == fetched


@pytest.mark.parametrize("name", sorted(POLICIES))
@pytest.mark.parametrize("slots", [0, 1, 3, 8])
def test_no_policy_passes_the_bound(trace: RoutingTrace, name: str, slots: int) -> None:
    found = replay(trace, parse_policy(name), slots)
    bound = replay(trace, parse_policy("belady"), slots)
    assert bound.all.hits >= found.all.hits
    assert (bound.hits.sum(axis=0) >= found.hits.sum(axis=0)).all()


@pytest.mark.parametrize("name", ["lru", "lfu", "lfru", "random", "mrs", "least-stale", "static-hot"])
def test_nothing_is_gained_from_routing_without_memory_or_favourites(name: str) -> None:
    """Independent tokens and equal experts: the hit rate is the share of experts that fit."""
    even = synthesize(
        SyntheticRouting(experts=32, top=1, layers=2, tokens=12_000, prompts=1, zipf=0, repeat=0, depth=0)
    )
    found = replay(even, parse_policy(name), 8)
    assert found.all.hit_rate == pytest.approx(8 / 32, abs=0.02)


def test_layers_that_share_slots_ask_one_after_the_other(trace: RoutingTrace) -> None:
    found = replay(trace, parse_policy("lru"), 6, "model")
    cache, hits = Lru(24), 0
    for token in trace.chosen.tolist():
        for layer, experts in enumerate(token):
            hits += sum(cache.request(16 * layer + expert) for expert in experts)
    assert found.all.hits == hits


def test_repetition_helps_whoever_keeps_what_was_used() -> None:
    rates = [
        replay(
            synthesize(SyntheticRouting(zipf=0, repeat=repeat, depth=0)), parse_policy("lru"), 12
        ).all.hit_rate
        for repeat in (0.0, 0.4, 0.8)
    ]
    assert rates == sorted(rates)  # type: ignore[type-var]


def test_the_hottest_are_counted_in_the_part_that_was_heard() -> None:
    made = synthesize(SyntheticRouting(experts=8, top=1, layers=1, tokens=200, prompts=1, zipf=1, depth=0))
    asked = made.chosen[:, 0, 0].tolist()
    uses = {expert: asked[:50].count(expert) for expert in range(8)}
    first, second, third, *_ = sorted(uses, key=lambda expert: -uses[expert])
    assert uses[second] > uses[third]
    found = replay(made, parse_policy("static-hot:share=0.25"), 2)
    assert found.all.hits == asked.count(first) + asked.count(second)


def test_scores_are_needed_by_what_keeps_experts_by_scores(trace: RoutingTrace) -> None:
    with pytest.raises(AhasdError, match="this trace has none; use lru"):
        replay(replace(trace, scores=None), parse_policy("mrs"), 4)
    with pytest.raises(AhasdError, match="scores of one router"):
        replay(trace, parse_policy("mrs"), 4, "model")


def test_slots_below_none_are_refused(trace: RoutingTrace) -> None:
    with pytest.raises(AhasdError, match="slots are -1"):
        replay(trace, parse_policy("lru"), -1)


def test_the_highest_scores_fall_and_of_equal_ones_the_first_goes_before(trace: RoutingTrace) -> None:
    assert trace.scores is not None
    coarse = replace(trace, scores=np.round(trace.scores.astype(np.float64), 1).astype(np.float16))
    assert coarse.scores is not None
    ids, best = highest_scores(coarse)
    order = np.argsort(-coarse.scores.astype(np.float64), axis=2, kind="stable")[:, :, :6]
    np.testing.assert_array_equal(ids, order)
    np.testing.assert_array_equal(best, np.take_along_axis(coarse.scores, order, axis=2))
