"""The latency models against closed forms and numpy's least squares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.control.tvc.latency_table import AffineTable, ProportionalTable


def filled(table, *samples):
    for cycles, length in samples:
        table.add(cycles, length)
    return table


def affine(*samples, single_length="fixed"):
    return filled(AffineTable(len(samples), single_length), *samples)


def test_proportional_is_the_mean_of_the_ratios():
    table = filled(ProportionalTable(4), (100, 10), (400, 20))  # 10 and 20 a token
    assert table.mean == 15
    assert table.predict(7) == 105
    assert [table.longest(cycles) for cycles in (44, 45, 14, -5)] == [2, 3, 0, 0]


def test_affine_runs_through_two_points():
    table = affine((130, 10), (190, 40))  # 110 and 2 a token
    assert table.line == pytest.approx((110, 2))
    assert table.predict(1000) == pytest.approx(2110)
    assert [table.longest(cycles) for cycles in (109, 111, 112.001, 120.5)] == [0, 0, 1, 5]


def test_affine_fit_of_three_points_by_hand():
    # Lengths 1 2 3, cycles 4 5 9: means 2 and 6; slope (−1·−2 + 0·−1 + 1·3) / 2 = 2.5; fixed 6 − 5 = 1.
    assert affine((4, 1), (5, 2), (9, 3)).line == pytest.approx((1, 2.5))


def test_a_falling_line_is_taken_as_flat():
    table = affine((100, 10), (80, 20))
    assert table.line == (90, 0)
    # It promises no more than the longest task that was seen.
    assert (table.longest(89.9), table.longest(90), table.longest(1e9)) == (0, 20, 20)


def test_a_line_that_would_start_below_zero_goes_through_zero():
    # Unconstrained: slope 9, fixed −80. Through zero: (10·10 + 20·100) / (100 + 400) = 4.2 a token.
    assert affine((10, 10), (100, 20)).line == pytest.approx((0, 4.2))
    # Half a cycle is above zero.
    assert affine((5.5, 1), (10.5, 2)).line == pytest.approx((0.5, 5))


@pytest.mark.parametrize(("single_length", "predicted"), [("fixed", 30), ("per_token", 90)])
def test_samples_of_one_length_are_taken_as_the_kind_of_task_suggests(single_length, predicted):
    table = affine((20, 5), (40, 5), single_length=single_length)
    assert table.predict(5) == pytest.approx(30)
    assert table.predict(15) == pytest.approx(predicted)


@pytest.mark.parametrize("table", [ProportionalTable(2), AffineTable(2, "fixed")])
def test_the_oldest_sample_goes_first(table):
    filled(table, (1e6, 1), (30, 10), (60, 20))
    assert len(table) == 2
    assert table.predict(30) == pytest.approx(90)


@pytest.mark.parametrize("table", [ProportionalTable(2), AffineTable(2, "fixed")])
@pytest.mark.parametrize(("cycles", "length"), [(0, 1), (-1, 1), (10, 0)])
def test_impossible_samples_are_refused(table, cycles, length):
    with pytest.raises(ValueError, match="impossible"):
        table.add(cycles, length)


SAMPLES = st.lists(st.tuples(st.floats(1, 1e6), st.integers(1, 4096)), min_size=1, max_size=6)


@given(samples=SAMPLES, single_length=st.sampled_from(["fixed", "per_token"]))
def test_affine_is_the_constrained_least_squares_line(samples, single_length):
    fixed, slope = affine(*samples, single_length=single_length).line
    assert fixed >= 0
    assert slope >= 0
    lengths, cycles = (
        np.array(column, float) for column in ([n for _, n in samples], [c for c, _ in samples])
    )
    if len(set(lengths)) < 2:
        return
    residual = np.sum((cycles - fixed - slope * lengths) ** 2)
    free = np.linalg.lstsq(np.column_stack([np.ones_like(lengths), lengths]), cycles, rcond=None)[0]
    through_zero = lengths @ cycles / (lengths @ lengths)
    candidates = (
        [free] if (free >= 0).all() else [np.array([cycles.mean(), 0.0]), np.array([0, through_zero])]
    )
    best = min(np.sum((cycles - a - b * lengths) ** 2) for a, b in candidates)
    assert residual <= best * (1 + 1e-6) + 1e-6


@given(
    fixed=st.floats(0, 1e6),
    slope=st.floats(0.001, 1e4),
    lengths=st.lists(st.integers(1, 4096), min_size=2, max_size=4, unique=True),
    asked=st.integers(1, 10**5),
)
def test_tasks_on_a_line_are_predicted_exactly(fixed, slope, lengths, asked):
    table = affine(*((fixed + slope * length, length) for length in lengths))
    assert table.predict(asked) == pytest.approx(fixed + slope * asked, rel=1e-6, abs=1e-3)


@given(samples=SAMPLES, cycles=st.floats(-1e6, 1e7), single_length=st.sampled_from(["fixed", "per_token"]))
def test_the_longest_task_fits_and_predictions_grow_with_the_length(samples, cycles, single_length):
    for table in (
        affine(*samples, single_length=single_length),
        filled(ProportionalTable(len(samples)), *samples),
    ):
        assert 0 < table.predict(1) <= table.predict(2) <= table.predict(1000)
        longest = table.longest(cycles)
        assert longest >= 0
        if longest:
            assert table.predict(longest) <= cycles * (1 + 1e-9)
        if table.predict(longest + 1) > table.predict(longest):  # a flat line promises only what was seen
            assert table.predict(longest + 1) >= cycles * (1 - 1e-9)
