"""Costs that were measured for a few widths: exact there, interpolated between, extrapolated beyond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.hardware.measured.measured_widths import MeasuredWidths


def seconds(costs: MeasuredWidths, width: int) -> float:
    return costs.cost(width, context=100).seconds


def test_measured_widths_are_exact_and_energy_is_unknown() -> None:
    costs = MeasuredWidths("cpu", {1: 2.0, 4: 5.0})
    assert (seconds(costs, 1), seconds(costs, 4)) == (2.0, 5.0)
    assert costs.cost(4, 0).joules == 0
    assert costs.name == "cpu"


def test_between_two_widths_lies_the_straight_line() -> None:
    costs = MeasuredWidths("cpu", {1: 2.0, 4: 5.0, 8: 5.0})
    assert [seconds(costs, width) for width in (2, 3, 6)] == [3.0, 4.0, 5.0]


def test_beyond_the_widest_the_mean_growth_goes_on() -> None:
    costs = MeasuredWidths("cpu", {1: 2.0, 4: 1.0, 5: 4.0})
    assert seconds(costs, 9) == pytest.approx(4.0 + 4 * 0.5)


def test_beyond_the_widest_nothing_gets_faster() -> None:
    assert seconds(MeasuredWidths("cpu", {1: 2.0, 4: 1.0}), 40) == 1.0


def test_below_the_narrowest_and_with_a_single_width_the_time_is_that_of_the_nearest() -> None:
    assert seconds(MeasuredWidths("cpu", {3: 2.0}), 1) == 2.0
    assert seconds(MeasuredWidths("cpu", {3: 2.0}), 9) == 2.0


@given(
    st.dictionaries(st.integers(1, 30), st.floats(1e-6, 10), min_size=1, max_size=6),
    st.integers(1, 40),
    st.integers(0, 10_000),
)
def test_never_below_the_fastest_measurement_and_never_changed_by_the_context(
    measured: dict[int, float], width: int, context: int
) -> None:
    costs = MeasuredWidths("cpu", measured)
    assert costs.cost(width, context).seconds >= min(measured.values()) * (1 - 1e-12)
    assert costs.cost(width, context) == MeasuredWidths("cpu", measured).cost(width, 0)
