"""Offsets: nothing overlaps, nothing is below what lives, and what is lost is reported."""

from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.graph_ordering.drawn import drawn_graph, drawn_in_place, network

from ahasd.errors import AhasdError
from ahasd.graph_ordering.arena.lifetimes import Lifetime, lifetimes, together
from ahasd.graph_ordering.arena.plan import Arena, Fit, plan_arena
from ahasd.graph_ordering.order import Method, find_order
from ahasd.graph_ordering.peak import live_bytes
from ahasd.graph_ordering.problem import Aliases, OrderingProblem, ordering_problem

needs_solver = pytest.mark.skipif(find_spec("ortools") is None, reason="needs the extra ordering")


def check(arena: Arena) -> None:
    """Nothing overlaps; looked at pair by pair."""
    placed = list(zip(arena.taken, arena.offsets, strict=True))
    assert all(offset >= 0 and offset + one.bytes <= arena.bytes for one, offset in placed)
    for number, (one, begin) in enumerate(placed):
        for other, start in placed[:number]:
            if one.first <= other.last and other.first <= one.last:
                assert begin + one.bytes <= start or start + other.bytes <= begin


def drawn(seed: int) -> OrderingProblem:
    if seed % 2:
        return ordering_problem(drawn_in_place(seed, 20), Aliases.IN_PLACE)
    return ordering_problem(drawn_graph(seed, 20))


@given(st.integers(0, 10**6), st.sampled_from([Fit.FIRST, Fit.BEST, Fit.AUTO]))
@settings(max_examples=300, deadline=None)
def test_blocks_that_live_together_never_overlap(seed: int, fit: Fit) -> None:
    problem = drawn(seed)
    order = find_order(problem, Method.LEAST_PEAK_FIRST).order
    arena = plan_arena(problem, order, fit)
    check(arena)
    peak = live_bytes(problem, order).peak
    assert arena.live_bytes == peak <= arena.bytes
    assert arena.fragmentation == pytest.approx(1 - peak / arena.bytes if arena.bytes else 0)


@given(st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_lifetimes_sum_up_to_what_lives_at_every_step(seed: int) -> None:
    problem = drawn(seed)
    order = find_order(problem, Method.LEAST_PEAK_FIRST).order
    taken = lifetimes(problem, order)
    for step, live in enumerate(live_bytes(problem, order).during):
        assert sum(one.bytes for one in taken if one.first <= step <= one.last) == live


def test_those_that_share_a_step_are_found() -> None:
    taken = [
        Lifetime(("a",), 1, 0, 2),
        Lifetime(("b",), 1, 2, 3),
        Lifetime(("c",), 1, 3, 4),
        Lifetime(("d",), 1, 0, 9),
    ]
    assert [sorted(others) for others in together(taken)] == [[1, 3], [0, 2, 3], [1, 3], [0, 1, 2]]


@needs_solver
@pytest.mark.parametrize("name", ["nasnet-nn", "amoeba-nn", "darts-nn"])
def test_the_solver_needs_no_more_than_the_better_of_both(name: str) -> None:
    problem = network(name)
    order = find_order(problem).order
    auto, solved = (plan_arena(problem, order, fit, seconds=5) for fit in (Fit.AUTO, Fit.SOLVED))
    check(solved)
    assert auto.live_bytes <= solved.bytes <= auto.bytes
    assert auto.bytes == min(plan_arena(problem, order, fit).bytes for fit in (Fit.FIRST, Fit.BEST))


@needs_solver
def test_the_solver_closes_a_gap_that_greedy_fits_leave() -> None:
    gaps = [
        (plan_arena(problem, order), plan_arena(problem, order, Fit.SOLVED, seconds=5))
        for seed in range(0, 200, 2)
        if (problem := drawn(seed)).nodes
        for order in [find_order(problem).order]
        if not plan_arena(problem, order).optimal
    ]
    assert gaps
    for _, solved in gaps:
        check(solved)
    assert any(solved.bytes < greedy.bytes and solved.optimal for greedy, solved in gaps)


@needs_solver
def test_the_solver_refuses_more_blocks_than_it_can_place() -> None:
    problem = network("nasnetalarge")
    with pytest.raises(AhasdError, match="at most 400 blocks, and there are 1267; use first-fit or best-fit"):
        plan_arena(problem, find_order(problem).order, Fit.SOLVED)


def test_a_graph_without_nodes_needs_no_arena() -> None:
    arena = plan_arena(OrderingProblem((), (), (), ()), [])
    assert (arena.bytes, arena.fragmentation, arena.optimal) == (0, 0.0, True)
