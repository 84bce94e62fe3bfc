"""Sharing a layer's experts: no busier than possible, best where that can be enumerated, and when copying pays."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experts.layer_schedule.assignment import Assignment, times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import SCHEDULES, layer_schedule, without_contention

#: HybriMoE's shipped constants for DeepSeek, milliseconds.
SHIPPED = LayerCosts(processor=0.5, host=1.0, copy=0.41791, host_first=0.79)

works = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=6).map(
    lambda rows: [ExpertWork(number, tokens, resident) for number, (tokens, resident) in enumerate(rows)]
)
positive = st.floats(0.05, 5)
costs = st.builds(
    LayerCosts,
    processor=positive,
    host=positive,
    copy=positive,
    host_first=st.floats(0, 1),
    host_together=st.floats(0.3, 1),
    copy_together=st.floats(0.3, 1),
)


@given(works, costs, st.sampled_from(sorted(SCHEDULES)))
@settings(max_examples=300, deadline=None)
def test_every_expert_is_computed_once_and_no_sooner_than_the_busiest_is_done(
    needed: list[ExpertWork], cost: LayerCosts, name: str
) -> None:
    found = layer_schedule(name).assign(needed, cost)
    assert sorted([*found.resident, *found.copied, *found.host], key=lambda work: work.expert) == needed
    assert all(work.resident for work in found.resident)
    assert not any(work.resident for work in found.copied)
    took = times(found, cost)
    alone = cost.host_first + (cost.host or 0) * sum(work.tokens for work in found.host) if found.host else 0
    processor = cost.processor * (len(found.resident) + len(found.copied))
    busiest = max(processor, alone, cost.copy * len(found.copied))
    assert took.end >= busiest - 1e-9
    assert took.processor_busy == pytest.approx(processor)


@given(works, costs)
@settings(max_examples=300, deadline=None)
def test_ours_is_the_best_of_all_assignments(needed: list[ExpertWork], cost: LayerCosts) -> None:
    ours, best = (times(layer_schedule(name).assign(needed, cost), cost).end for name in ("balanced", "best"))
    assert ours == pytest.approx(best)


@pytest.mark.parametrize("resident", range(9))
def test_the_greedy_of_hybrimoe_is_best_where_nothing_is_slowed(resident: int) -> None:
    needed = [ExpertWork(expert, 1, expert < resident) for expert in range(8)]
    ends = [times(layer_schedule(name).assign(needed, SHIPPED), SHIPPED).end for name in ("hybrimoe", "best")]
    assert ends[0] == pytest.approx(ends[1])


@given(works, costs)
@settings(max_examples=200, deadline=None)
def test_slowing_each_other_never_helps(needed: list[ExpertWork], cost: LayerCosts) -> None:
    for name in SCHEDULES:
        found = layer_schedule(name).assign(needed, cost)
        assert times(found, cost).end >= times(found, without_contention(cost)).end - 1e-9


def test_two_that_read_the_same_memory_slow_each_other_while_both_are_at_work() -> None:
    cost = LayerCosts(processor=0.1, host=1.0, copy=2.0, host_together=0.5, copy_together=0.25)
    missing = [ExpertWork(number, 1, False) for number in range(2)]
    took = times(Assignment((), (missing[0],), (missing[1],)), cost)
    # The host takes 2 s for its second of work; a quarter of 2 s is copied by then, 1.5 s are left.
    assert took.host_busy == pytest.approx(2.0)
    assert took.arrivals == pytest.approx((3.5,))
    assert took.end == pytest.approx(3.6)


def test_copies_for_later_layers_hold_nothing_up_but_slow_the_host() -> None:
    cost = LayerCosts(processor=0.1, host=1.0, copy=2.0, host_together=0.5)
    needed = Assignment((ExpertWork(0, 1, True),), (), (ExpertWork(1, 1, False),))
    assert times(needed, cost).end == pytest.approx(1.0)
    assert times(needed, cost, ahead=1).end == pytest.approx(2.0)
    assert times(needed, cost, ahead=1).arrivals == pytest.approx((2.0,))
    # Of a copy that is under way half a second is left, during which the host does a quarter.
    assert times(needed, cost, ahead=1, begun=1.5).arrivals == pytest.approx((0.5,))
    assert times(needed, cost, ahead=1, begun=1.5).end == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("host", "memory", "link"), [(30, 60, 13), (30, 60, 25), (60, 140, 25), (60, 60, 25)]
)
def test_copying_misses_pays_at_most_the_memory_bandwidth_that_the_host_leaves(
    host: float, memory: float, link: float
) -> None:
    """The closed form: min(B, c + p) / c, reached as misses become many."""
    slowed = min(1.0, memory / (host + link))
    cost = LayerCosts(1e-6, 1 / host, 1 / link, host_together=slowed, copy_together=slowed)
    needed = [ExpertWork(number, 1, False) for number in range(400)]
    ends = {name: times(layer_schedule(name).assign(needed, cost), cost).end for name in ("host", "balanced")}
    gain, bound = ends["host"] / ends["balanced"], min(memory, host + link) / host
    assert gain <= bound + 1e-6
    assert gain == pytest.approx(bound, rel=0.02)


def test_where_the_host_fills_the_memory_the_greedy_loses_what_it_believes_to_win() -> None:
    """Rates that were measured alone and together (FreeToken 436), experts of 8 MB, eight to a token."""
    cost = LayerCosts(2e-5, 8e6 / 29.97e9, 8e6 / 13.09e9, 0.0, 21.89 / 29.97, 8.41 / 13.09)
    needed = [ExpertWork(number, 1, number < 2) for number in range(8)]
    plain = times(layer_schedule("host").assign(needed, cost), cost).end
    greedy = layer_schedule("hybrimoe").assign(needed, cost)
    assert plain / times(greedy, without_contention(cost)).end > 1.25
    assert plain / times(greedy, cost).end < 1
    best = times(layer_schedule("balanced").assign(needed, cost), cost).end
    assert 1 <= plain / best <= (21.89 + 8.41) / 29.97 + 1e-3


def test_what_needs_a_host_is_refused_without_one() -> None:
    alone = replace(SHIPPED, host=None)
    needed = [ExpertWork(0, 1, False)]
    assert math.isclose(times(layer_schedule("balanced").assign(needed, alone), alone).end, 0.91791)
    for name in ("host", "hybrimoe", "best"):
        with pytest.raises(AhasdError, match="must be copied"):
            layer_schedule(name).assign(needed, alone)


def test_too_many_experts_are_not_enumerated_and_unknown_names_refused() -> None:
    with pytest.raises(AhasdError, match="at most 10"):
        layer_schedule("best").assign([ExpertWork(number, 1, True) for number in range(11)], SHIPPED)
    with pytest.raises(UnknownNameError, match="Did you mean 'hybrimoe'"):
        layer_schedule("hybrid-moe")
