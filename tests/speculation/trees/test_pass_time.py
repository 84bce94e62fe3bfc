"""What is learnt of the time of passes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.speculation.trees.pass_time.aged_regression import AgedRegression
from ahasd.speculation.trees.pass_time.size_table import STALE_PASSES, SizeTable

passes = st.lists(st.tuples(st.integers(0, 20), st.floats(0.5, 5)), min_size=2, max_size=40)


def averages(seen: list[tuple[int, float]], share: float) -> dict[int, float]:
    found: dict[int, float] = {}
    for nodes, seconds in seen:
        found[nodes] = (1 - share) * found.get(nodes, seconds) + share * seconds
    return found


@given(passes, st.floats(0.05, 1), st.floats(0, 0.2))
def test_the_line_is_that_of_weighted_least_squares(seen, share, decay):
    line = AgedRegression(share, decay)
    for nodes, seconds in seen:
        line.observe(nodes, seconds)
    mean = averages(seen, share)
    if len(mean) < 2:
        assert line.seconds(7) == pytest.approx(next(iter(mean.values())))
        return
    last = {nodes: number for number, (nodes, _) in enumerate(seen, start=1)}
    sizes = np.array(list(mean))
    root = np.exp(-decay * (len(seen) - np.array([last[n] for n in mean])) / 2)
    design = np.column_stack([np.ones(len(sizes)), sizes]) * root[:, None]
    (constant, slope), *_ = np.linalg.lstsq(design, np.array(list(mean.values())) * root, rcond=None)
    for nodes in (0, 5, 30):
        expected = max(constant + slope * nodes, min(mean.values()) / 2)
        assert line.seconds(nodes) == pytest.approx(expected, rel=1e-6)


def test_a_line_wants_two_sizes_and_a_table_each_of_them():
    line, table = AgedRegression(), SizeTable()
    wanted = []
    for learnt in (line, table):
        tried = []
        while (size := learnt.wants((0, 3, 15))) is not None:
            tried.append(size)
            learnt.observe(size, 1.0 + size)
        wanted.append(tried)
    assert wanted == [[0, 15], [0, 3, 15]]


@given(passes, st.floats(0.05, 1))
def test_a_table_keeps_each_sizes_average_and_interpolates_between(seen, share):
    table = SizeTable(share)
    for nodes, seconds in seen:
        table.observe(nodes, seconds)
    mean = averages(seen, share)
    for nodes, seconds in mean.items():
        assert table.seconds(nodes) == pytest.approx(seconds)
    inside = np.interp(range(min(mean), max(mean) + 1), sorted(mean), [mean[n] for n in sorted(mean)])
    for nodes, seconds in zip(range(min(mean), max(mean) + 1), inside, strict=True):
        falls = mean[max(n for n in mean if n <= nodes)]
        assert table.seconds(nodes) == pytest.approx(max(seconds, falls) if nodes not in mean else seconds)


def test_a_table_starts_from_what_was_measured_before():
    table = SizeTable(known={0: 1.0, 15: 2.0})
    assert table.wants((0, 15)) is None
    assert table.seconds(15) == 2.0
    for _ in range(STALE_PASSES + 1):
        table.observe(0, 1.0)
    assert table.stale(15)
    assert not table.stale(0)


def test_beyond_the_largest_size_the_line_of_the_two_largest_goes_on():
    table = SizeTable(known={0: 1.0, 4: 3.0})
    assert table.seconds(6) == pytest.approx(4.0)


def test_without_a_pass_nothing_is_known():
    for learnt in (AgedRegression(), SizeTable()):
        with pytest.raises(ValueError, match="no pass"):
            learnt.seconds(3)
