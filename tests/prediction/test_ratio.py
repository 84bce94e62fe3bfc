"""The jackknife interval of a ratio of sums."""

import pytest

from ahasd.prediction.ratio import ratio


def test_a_hand_worked_example() -> None:
    # Without each pair: 3 and 1; variance 1/2 · (1 + 1) = 1; Student's quantile with one degree of freedom.
    found = ratio([1, 3], [1, 1])
    assert found.mean == 2
    assert found.half_width == pytest.approx(12.706, abs=1e-3)


def test_equal_ratios_leave_no_doubt() -> None:
    found = ratio([2, 4, 6], [1, 2, 3])
    assert (found.mean, found.half_width) == (2, pytest.approx(0))


def test_a_single_pair_has_no_interval() -> None:
    assert ratio([3], [2]).half_width is None


def test_a_pair_that_holds_all_of_the_denominator_is_kept() -> None:
    assert ratio([1, 0], [2, 0]).mean == 0.5


def test_with_equal_denominators_it_is_the_interval_of_the_mean() -> None:
    from ahasd.intervals import interval

    values = [1.0, 2.0, 4.0, 4.5, 7.0]
    half = ratio(values, [1.0] * 5).half_width
    assert half == pytest.approx(interval(values).half_width)
