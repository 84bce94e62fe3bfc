"""Break-evens of runs whose duration is a formula of the level."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.break_even_search import (
    LEVEL_TOLERANCE,
    BreakEvenRate,
    bisect_acceptance,
    search_break_even,
)


def falling(level: float) -> tuple[float, float]:
    """Lasts 3 where every draft is rejected and 1 where none is; the acceptance is linear in the level."""
    return 2 - level, (level + 1) / 2


def test_any_acceptance_is_enough_when_the_slowest_run_is_fast_enough():
    assert search_break_even(falling, 3.0) == BreakEvenRate(None, always=True)


def test_none_is_enough_when_the_fastest_run_is_too_slow():
    assert search_break_even(falling, 0.99) == BreakEvenRate(None, always=False)


@given(limit=st.floats(1.0, 3.0, exclude_max=True))
def test_the_rate_is_where_the_run_lasts_as_long_as_the_limit(limit):
    found = search_break_even(falling, limit)
    assert not found.always
    # Duration 2 − level = limit, at acceptance (level + 1) / 2; half the last interval of levels is 1/256.
    assert found.acceptance == pytest.approx((3 - limit) / 2, abs=LEVEL_TOLERANCE / 2)


def test_a_run_as_long_as_the_limit_is_fast_enough():
    """With three levels left, 0 pays exactly: the break-even lies between it and −1, at (0 + 0.5) / 2."""
    assert bisect_acceptance(falling, 2.0, tolerance=1.0) == 0.25


def test_levels_are_halved_until_they_are_close_enough():
    levels = []

    def run(level: float) -> tuple[float, float]:
        levels.append(level)
        return falling(level)

    bisect_acceptance(run, 1.5, tolerance=0.25)
    assert levels == [0, 0.5, 0.25]  # from a width of 2 to one of 1/4


def test_durations_are_compared_exactly():
    """Picoseconds of a long run, which floats cannot tell apart."""
    long = 2**60
    assert search_break_even(lambda level: (long + 1, 0.5), long).acceptance is None
