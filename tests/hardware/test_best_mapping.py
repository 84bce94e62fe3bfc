"""The mapping of operators against exhaustive search."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.mapping.best_mapping import Crossing, Side, Unit, best_mapping


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Unit], list[Crossing]]:
    count = draw(st.integers(1, 8))
    seconds = st.integers(0, 20).map(float)
    units = [
        Unit(
            str(index),
            draw(seconds),
            draw(seconds | st.just(float("inf"))),
            draw(st.integers(0, 5)),
        )
        for index in range(count)
    ]
    member = st.integers(0, count - 1)
    crossings = draw(
        st.lists(
            st.builds(
                Crossing,
                member,
                st.lists(member, min_size=1, max_size=3).map(tuple),
                st.sampled_from(Side),
                seconds,
            ),
            max_size=10,
        )
    )
    return units, crossings


def added_up(units: list[Unit], crossings: list[Crossing], sides: Sequence[Side]) -> float:
    """Units one after the other, and the crossings that a mapping makes."""
    seconds = 0.0
    for unit, side in zip(units, sides, strict=True):
        seconds += unit.host_seconds if side is Side.HOST else unit.pim_seconds
    for crossing in crossings:
        source = sides[crossing.producer]
        if source is crossing.source and {sides[c] for c in crossing.consumers} != {source}:
            seconds += crossing.seconds
    return seconds


def exhaustive(
    units: list[Unit], crossings: list[Crossing], host: int | None, pim: int | None
) -> float | None:
    """The least time of all mappings that fit."""
    best = None
    for sides in product(Side, repeat=len(units)):
        held = {side: 0 for side in Side}
        for unit, side in zip(units, sides, strict=True):
            held[side] += unit.bytes
        seconds = added_up(units, crossings, sides)
        fits = (host is None or held[Side.HOST] <= host) and (pim is None or held[Side.PIM] <= pim)
        if fits and seconds < float("inf") and (best is None or seconds < best):
            best = seconds
    return best


@settings(max_examples=60, deadline=None)
@given(problems(), st.none() | st.integers(0, 20), st.none() | st.integers(0, 20))
def test_the_mapping_is_that_of_exhaustive_search(problem, host, pim):
    units, crossings = problem
    expected = exhaustive(units, crossings, host, pim)
    if expected is None:
        with pytest.raises(AhasdError, match="no mapping of operators fits"):
            best_mapping(units, crossings, host, pim)
        return
    found = best_mapping(units, crossings, host, pim)
    assert found.seconds == expected
    assert added_up(units, crossings, found.sides) == expected
    in_memory = sum(u.bytes for u, side in zip(units, found.sides, strict=True) if side is Side.PIM)
    assert pim is None or in_memory <= pim
    assert host is None or sum(u.bytes for u in units) - in_memory <= host


def test_the_minimum_of_each_operator_is_not_the_best_mapping():
    """The middle one is faster in memory, but not by what its input and output cost."""
    units = [Unit("a", 1, 5), Unit("b", 4, 3), Unit("c", 1, 5)]
    crossings = [Crossing(0, (1,), Side.HOST, 1.0), Crossing(1, (2,), Side.PIM, 1.0)]
    assert best_mapping(units).sides == (Side.HOST, Side.PIM, Side.HOST)
    assert best_mapping(units, crossings).sides == (Side.HOST,) * 3
    assert best_mapping(units, crossings).seconds == 6
