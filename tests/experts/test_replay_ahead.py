"""Replays that fetch ahead: as replays where nothing is fetched, and better where the gates foresee all."""

import pytest

from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import parse_policy
from ahasd.experts.prefetch.prefetch import Ahead, NextGates, View, prefetch_named
from ahasd.experts.replay import Pool, replay
from ahasd.experts.replay_ahead import replay_ahead
from ahasd.traces.routing.synthetic import SyntheticRouting, synthesize
from ahasd.traces.routing.trace import RoutingTrace

POLICIES = ["lru", "lfu", "lfru", "random", "mrs", "least-stale", "static-hot"]


class Nothing(NextGates):
    """Asks the gates, and fetches nothing."""

    def propose(self, view: View) -> list[Ahead]:
        assert len(view.foreseen[0]) == 2 if view.foreseen else True
        return []


def made(**given: float) -> RoutingTrace:
    settings = {"experts": 12, "top": 2, "layers": 4, "tokens": 200, "prompts": 2, "prefix": 8, "depth": 3}
    return synthesize(SyntheticRouting(**settings | given))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("pool", ["layer", "model"])
@pytest.mark.parametrize("slots", [1, 5])
def test_the_walk_is_that_of_a_replay_where_nothing_is_fetched(name: str, pool: Pool, slots: int) -> None:
    if name == "mrs" and pool == "model":
        return
    trace = made()
    found = replay_ahead(trace, parse_policy(name), slots, Nothing(1), pool)
    assert (found.fetched, found.used) == (0, 0)
    assert (found.replay.hits == replay(trace, parse_policy(name), slots, pool).hits).all()


def test_with_gates_that_foresee_all_only_the_first_layer_misses() -> None:
    trace = made(accuracy=1.0, prefix=1)
    found = replay_ahead(trace, parse_policy("lru"), 12, prefetch_named("next-gate"))
    plain = replay(trace, parse_policy("lru"), 12)
    assert found.replay.hits[:, 1:].min() == trace.top
    assert (found.replay.hits[:, 0] == plain.hits[:, 0]).all()
    # Each expert is fetched and used once, where the plain cache misses it once.
    assert found.fetched == found.used == (trace.top - plain.hits[:, 1:]).sum() > 0


def test_in_a_prefix_nothing_is_fetched_ahead_unless_its_tokens_come_one_by_one() -> None:
    trace = made(accuracy=1.0, prefix=40, tokens=82)
    found = replay_ahead(trace, parse_policy("lru"), 12, prefetch_named("next-gate"))
    plain = replay(trace, parse_policy("lru"), 12)
    assert (found.replay.hits[:40] == plain.hits[:40]).all()
    assert plain.hits[:40, 1:].min() == 0
    one_by_one = replay_ahead(trace, parse_policy("lru"), 12, prefetch_named("next-gate"), "model")
    assert one_by_one.replay.hits[:, 1:].min() == trace.top


def test_without_slots_nothing_is_fetched() -> None:
    found = replay_ahead(made(), parse_policy("lru"), 0, prefetch_named("three-gates"))
    assert (found.fetched, found.replay.all.hits) == (0, 0)


@pytest.mark.parametrize(
    ("policy", "prefetch", "said"),
    [("belady", "next-gate", "not what will be fetched"), ("lru", "impact", "depends on the clock")],
)
def test_what_cannot_be_replayed_is_refused(policy: str, prefetch: str, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        replay_ahead(made(), parse_policy(policy), 4, prefetch_named(prefetch))
    with pytest.raises(AhasdError, match="does not say what the next gates choose"):
        replay_ahead(made(depth=0), parse_policy("lru"), 4, prefetch_named("next-gate"))
