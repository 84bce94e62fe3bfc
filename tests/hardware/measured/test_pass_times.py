"""Costs that were measured: exact there, interpolated between without smearing steps, extrapolated beyond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.hardware.gpu.width.width_cost import WidthCost
from ahasd.hardware.measured.pass_times import PassTimes


def seconds(costs: PassTimes, width: int) -> float:
    return costs.cost(width, context=100).seconds


def test_measured_widths_are_exact_and_energy_is_unknown() -> None:
    costs = PassTimes.of_widths("cpu", {1: 2.0, 4: 5.0})
    assert (seconds(costs, 1), seconds(costs, 4)) == (2.0, 5.0)
    assert costs.cost(4, 0).joules == 0
    assert costs.name == "cpu"


def test_between_two_widths_lies_the_straight_line() -> None:
    costs = PassTimes.of_widths("cpu", {1: 2.0, 4: 5.0, 8: 5.0})
    assert [seconds(costs, width) for width in (2, 3, 6)] == [3.0, 4.0, 5.0]


def test_beyond_the_widest_the_mean_growth_goes_on() -> None:
    costs = PassTimes.of_widths("cpu", {1: 2.0, 4: 1.0, 5: 4.0})
    assert seconds(costs, 9) == pytest.approx(4.0 + 4 * 0.5)


def test_beyond_the_widest_nothing_gets_faster() -> None:
    assert seconds(PassTimes.of_widths("cpu", {1: 2.0, 4: 1.0}), 40) == 1.0


def test_below_the_narrowest_and_with_a_single_width_the_time_is_that_of_the_nearest() -> None:
    assert seconds(PassTimes.of_widths("cpu", {3: 2.0}), 1) == 2.0
    assert seconds(PassTimes.of_widths("cpu", {3: 2.0}), 9) == 2.0


@given(
    st.dictionaries(st.integers(1, 30), st.floats(1e-6, 10), min_size=1, max_size=6),
    st.integers(1, 40),
    st.integers(0, 10_000),
)
def test_never_below_the_fastest_measurement_and_never_changed_by_the_context(
    measured: dict[int, float], width: int, context: int
) -> None:
    costs = PassTimes.of_widths("cpu", measured)
    assert costs.cost(width, context).seconds >= min(measured.values()) * (1 - 1e-12)
    assert costs.cost(width, context) == PassTimes.of_widths("cpu", measured).cost(width, 0)


#: As llama.cpp's on CUDA: at most 8 rows in the vector kernel, a quarter of a pass each.
SWITCHING = WidthCost(slope=0.25, vector_rows=8, wide=4.0)


def test_a_jump_stays_where_the_kernels_switch() -> None:
    costs = PassTimes.of_widths("gpu", {1: 10.0, 4: 13.0, 16: 40.0}, SWITCHING)
    assert [seconds(costs, width) for width in (5, 8, 9, 15, 16)] == [14.0, 17.0, 40.0, 40.0, 40.0]
    blind = PassTimes.of_widths("gpu", {1: 10.0, 4: 13.0, 16: 40.0})
    assert seconds(blind, 10) == pytest.approx(13 + 6 / 12 * 27)


def test_one_measurement_of_the_vector_kernel_goes_on_by_its_published_slope() -> None:
    costs = PassTimes.of_widths("gpu", {1: 10.0, 16: 40.0}, SWITCHING)
    assert [seconds(costs, width) for width in (3, 8, 9)] == [15.0, 27.5, 40.0]
    capped = PassTimes.of_widths("gpu", {1: 10.0, 16: 12.0}, SWITCHING)
    assert [seconds(capped, width) for width in (2, 8, 9)] == [12.0, 12.0, 12.0]


def test_a_wider_pass_that_was_measured_to_be_faster_stays_faster() -> None:
    costs = PassTimes.of_widths("gpu", {8: 30.0, 9: 20.0}, SWITCHING)
    assert (seconds(costs, 8), seconds(costs, 9)) == (30.0, 20.0)


def test_beyond_the_widest_a_jump_is_not_taken_for_growth() -> None:
    measured = {1: 10.0, 8: 20.0, 9: 40.0, 19: 42.0}
    assert seconds(PassTimes.of_widths("gpu", measured, SWITCHING), 24) == pytest.approx(43.0)
    assert seconds(PassTimes.of_widths("gpu", {1: 10.0, 9: 40.0}, SWITCHING), 64) == 40.0


def test_times_are_linear_in_the_context_and_level_before_the_first() -> None:
    costs = PassTimes("gpu", {(1, 100): 10.0, (1, 300): 14.0, (1, 500): 14.0})
    at = [costs.cost(1, context).seconds for context in (0, 100, 200, 300, 400, 600)]
    assert at == pytest.approx([10.0, 10.0, 12.0, 14.0, 14.0, 15.0])


def test_a_width_measured_at_one_context_grows_by_the_seconds_of_one_measured_at_several() -> None:
    costs = PassTimes("gpu", {(1, 100): 10.0, (1, 300): 14.0, (8, 100): 30.0})
    assert costs.cost(8, 300).seconds == pytest.approx(34.0)
    assert costs.cost(8, 0).seconds == 30.0


def test_the_usual_context_is_that_of_most_widths() -> None:
    assert PassTimes("gpu", {(1, 100): 1.0, (1, 300): 1.0, (8, 300): 1.0}).usual_context == 300
    assert PassTimes("gpu", {(1, 100): 1.0, (8, 300): 1.0}).usual_context == 100


def test_what_was_not_measured_says_what_it_rests_on() -> None:
    costs = PassTimes("gpu", {(2, 100): 1.0, (8, 100): 2.0, (8, 300): 3.0})
    assert costs.basis(8, 100) == costs.basis(2, 200) == ""
    assert "between 2 and 8 rows" in costs.basis(4, 100)
    assert "beyond 8 rows" in costs.basis(9, 100)
    assert "from 2 rows" in costs.basis(1, 100)
    assert "beyond 300 tokens" in costs.basis(8, 301)
    assert "from 100 tokens" in costs.basis(8, 50)


@given(
    st.dictionaries(st.integers(1, 30), st.floats(1e-6, 10), min_size=2, max_size=6),
    st.sampled_from([None, SWITCHING, WidthCost(slope=0.0, vector_rows=1, wide=1.2)]),
    st.integers(1, 30),
)
def test_between_two_measurements_nothing_lies_outside_of_them(
    measured: dict[int, float], kernel: WidthCost | None, width: int
) -> None:
    narrower = [each for each in measured if each <= width]
    wider = [each for each in measured if each >= width]
    if narrower and wider:
        ends = measured[max(narrower)], measured[min(wider)]
        found = seconds(PassTimes.of_widths("gpu", measured, kernel), width)
        assert min(ends) * (1 - 1e-12) <= found <= max(ends) * (1 + 1e-12)
