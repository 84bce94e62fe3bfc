"""The 95 % interval against tables of Student's t distribution."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.intervals import interval, student_quantile

# Two-sided 95 % points, as every table prints them.
TABLE = {
    1: 12.706,
    2: 4.303,
    3: 3.182,
    4: 2.776,
    5: 2.571,
    7: 2.365,
    9: 2.262,
    14: 2.145,
    29: 2.045,
    120: 1.980,
}


@pytest.mark.parametrize(("freedom", "quantile"), TABLE.items())
def test_quantiles_of_the_table(freedom: int, quantile: float) -> None:
    assert student_quantile(freedom) == pytest.approx(quantile, abs=0.0006)


@pytest.mark.parametrize(("freedom", "quantile"), [(1, 6.314), (4, 2.132), (9, 1.833)])
def test_other_probabilities(freedom: int, quantile: float) -> None:
    assert student_quantile(freedom, 0.95) == pytest.approx(quantile, abs=0.0006)


def test_many_degrees_of_freedom_are_a_gaussian() -> None:
    assert student_quantile(300) == pytest.approx(1.9679, abs=0.0006)


def test_interval_by_hand() -> None:
    # Mean 3, variance (4 + 1 + 0 + 1 + 4) / 4 = 2.5, t = 2.776.
    found = interval([1, 2, 3, 4, 5])
    assert found.mean == 3
    assert found.half_width == pytest.approx(2.776 * sqrt(2.5 / 5), rel=1e-3)
    assert found.text(2) == "3.00 ± 1.96"
    assert found.text(0) == "3 ± 2"


def test_a_single_run_has_no_interval() -> None:
    assert interval([2.5]).half_width is None
    assert interval([2.5]).text(1) == "2.5"


def test_equal_runs_have_an_interval_of_no_width() -> None:
    assert interval([0.25] * 5).text(2) == "0.25 ± 0.00"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12), st.floats(0.01, 100), st.floats(-100, 100))
def test_interval_moves_and_scales_with_its_values(values: list[float], scale: float, shift: float) -> None:
    plain, moved = interval(values), interval([value * scale + shift for value in values])
    assert plain.half_width is not None
    assert moved.half_width is not None
    tolerance = 1e-9 * scale * 1e6
    assert moved.mean == pytest.approx(plain.mean * scale + shift, rel=1e-9, abs=tolerance)
    assert moved.half_width == pytest.approx(plain.half_width * scale, rel=1e-6, abs=tolerance)
