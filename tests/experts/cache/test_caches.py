"""Caches of experts: counted by hand, against an independent simulator, and against laws that all must keep."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.cache.belady import Belady
from ahasd.experts.cache.cache import ExpertCache
from ahasd.experts.cache.least_stale import LeastStale
from ahasd.experts.cache.lfu import Lfu
from ahasd.experts.cache.lru import Lru
from ahasd.experts.cache.mrs import Mrs
from ahasd.experts.cache.policies import POLICIES, parse_policy

STREAMS = st.lists(st.integers(0, 7), min_size=1, max_size=80)


def hits(cache: ExpertCache, requests: Sequence[int]) -> int:
    return sum(cache.request(expert) for expert in requests)


def built(text: str, slots: int, requests: Sequence[int], experts: int = 8) -> ExpertCache:
    return parse_policy(text).build(slots, experts, 1, requests)


def skewed(seed: int) -> list[int]:
    """A stream in which some experts are asked for more often than others, and some again at once."""
    draws = np.random.Generator(np.random.PCG64(seed))
    stream = draws.choice(64, size=4000, p=np.arange(64, 0, -1) / (64 * 65 / 2))
    again = draws.random(4000) < 0.3
    stream[1:][again[1:]] = stream[:-1][again[1:]]
    return [int(expert) for expert in stream]


@pytest.mark.parametrize("slots", [1, 5, 16, 40, 64])
@pytest.mark.parametrize(("ours", "theirs"), [("lru", "LRU"), ("lfu", "LFU"), ("belady:bypass=0", "Belady")])
def test_an_independent_simulator_counts_the_same_hits(ours: str, theirs: str, slots: int) -> None:
    oracle = pytest.importorskip("libcachesim")
    stream = skewed(3)
    cache, following = built(ours, slots, stream), {}
    again = [-1] * len(stream)
    for at in range(len(stream) - 1, -1, -1):
        again[at] = following.get(stream[at], 2**62)
        following[stream[at]] = at
    reference = getattr(oracle, theirs)(slots)
    for at, expert in enumerate(stream):
        request = oracle.Request(
            obj_id=expert + 1, obj_size=1, next_access_vtime=again[at] + 1 if again[at] < 2**62 else 2**62
        )
        assert cache.request(expert) == reference.get(request), at


def test_the_least_recently_used_gives_way() -> None:
    cache = Lru(2)
    assert [cache.request(expert) for expert in (1, 2, 1, 3, 2)] == [False, False, True, False, False]
    assert set(cache.resident) == {3, 2}


def test_of_equally_frequent_experts_the_older_use_gives_way() -> None:
    cache = Lfu(2)
    for expert in (1, 2, 2, 1):
        cache.request(expert)
    assert cache.admit(3) == 2


def test_an_expert_of_the_next_layer_is_not_stale() -> None:
    """Two layers of four experts share three slots: the last one used is of the layer that comes next."""
    shared = LeastStale(3, experts=4, layers=2)
    for expert in (0, 4, 1):
        shared.request(expert)
    # Layer 0 has passed over expert 0; layer 1 may still use expert 4.
    assert shared.admit(5) == 0
    # Now layer 1 has passed over expert 4, and layer 0 may still use expert 1.
    assert shared.admit(2) == 4


def test_smoothed_scores_are_those_of_the_formula() -> None:
    draws = np.random.Generator(np.random.PCG64(1))
    cache, smoothed, resident = Mrs(3, alpha=0.4), np.zeros(10), set()
    for _ in range(3000):
        scores = draws.random(10)
        best = np.argsort(-scores)[:4]
        cache.routed(best.tolist(), scores[best].tolist())
        kept = np.zeros(10)
        kept[best] = scores[best]
        smoothed = 0.4 * kept + 0.6 * smoothed
        for expert in best[:2].tolist():
            if expert in resident:
                assert expert in cache.resident
                cache.used(expert)
                continue
            victim = min(resident, key=lambda one: smoothed[one]) if len(resident) == 3 else None
            assert cache.admit(expert) == victim
            resident = resident - {victim} | {expert}
        assert set(cache.resident) == resident


@given(STREAMS, st.integers(0, 8), st.sampled_from(sorted(POLICIES)))
@settings(max_examples=300, deadline=None)
def test_no_cache_holds_more_than_its_slots_or_what_was_never_there(
    stream: list[int], slots: int, name: str
) -> None:
    cache = built(name, slots, stream)
    cache.preload(stream[:slots])
    for expert in stream:
        before = set(cache.resident)
        was_hit = cache.request(expert)
        assert was_hit == (expert in before)
        assert len(cache.resident) <= slots
        assert set(cache.resident) <= before | {expert}


@given(STREAMS, st.integers(0, 8), st.sampled_from(sorted(POLICIES)), st.lists(st.integers(0, 7), max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_cache_has_more_hits_than_the_bound_whatever_it_began_with(
    stream: list[int], slots: int, name: str, start: list[int]
) -> None:
    cache, bound = built(name, slots, stream), Belady(slots, stream)
    cache.preload(list(dict.fromkeys(start))[:slots])
    bound.preload([])
    assert hits(bound, stream) >= hits(cache, stream)


@given(STREAMS, st.integers(1, 8))
@settings(max_examples=200, deadline=None)
def test_more_slots_never_cost_hits_where_the_oldest_use_gives_way(stream: list[int], slots: int) -> None:
    assert hits(Lru(slots), stream) <= hits(Lru(slots + 1), stream)


def test_knowing_the_future_is_the_best_of_all_ways_to_keep_and_drop() -> None:
    """Against every choice there is, by exhaustion."""
    draws = np.random.Generator(np.random.PCG64(5))
    for _ in range(20):
        stream = [int(expert) for expert in draws.integers(0, 4, 8)]
        states = {(): 0}  # what is resident -> most hits
        for expert in stream:
            following: dict[tuple[int, ...], int] = {}
            for held, count in states.items():
                options = [held] if expert in held else [held, *_with(held, expert, 2)]
                for option in options:
                    found = count + (expert in held)
                    following[option] = max(following.get(option, 0), found)
            states = following
        assert hits(Belady(2, stream), stream) == max(states.values())


def _with(held: tuple[int, ...], expert: int, slots: int) -> list[tuple[int, ...]]:
    if len(held) < slots:
        return [tuple(sorted((*held, expert)))]
    return [tuple(sorted({*held, expert} - {victim})) for victim in held]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("lur", UnknownNameError, "Did you mean 'lru'"),
        ("mrs:beta=1", UnknownNameError, "unknown option of mrs 'beta'"),
        ("mrs:alpha=1", AhasdError, "alpha is 1; must be between 0 and 1"),
        ("random:seed=x", AhasdError, "seed is 'x'; must be a whole number"),
        ("static-hot:share=0", AhasdError, "share is 0; must be above 0"),
    ],
)
def test_a_policy_that_there_is_not_is_refused(text: str, error: type[AhasdError], said: str) -> None:
    with pytest.raises(error, match=said):
        parse_policy(text)
