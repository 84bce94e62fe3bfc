"""Intervals as lines of characters: their width, their marks, their scale."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.report.interval_bars import WIDTH, Bar, interval_bars

steady = settings(deadline=None, derandomize=True)
values = st.lists(st.floats(0.01, 50), min_size=3, max_size=3).map(sorted)


def test_middle_mark_and_ends_stand_where_they_belong() -> None:
    one, two, scale = interval_bars([Bar("1", 0.0, 1.0, 2.0), Bar("12", 2.0, 3.0, 4.0)], 2.0)
    line = one[3:35]
    assert line[0] == "-"
    assert line.index("o") == round((len(line) - 1) / 4)
    assert line.index("|") == round((len(line) - 1) / 2)
    assert one.endswith(" 1.00")
    assert two[3:35].rstrip(" 0123456789.").endswith("-")
    assert scale.split() == ["0", "2", "4"]


@steady
@given(rows=st.lists(values, min_size=1, max_size=9), mark=st.floats(0.1, 10))
def test_lines_are_plain_and_no_wider_than_40_columns(rows: list[list[float]], mark: float) -> None:
    lines = interval_bars([Bar(str(n), *row) for n, row in enumerate(rows)], mark)
    assert len(lines) == len(rows) + 1
    assert all(line.isascii() and len(line) <= WIDTH for line in lines)
    assert all(line.count("o") == 1 for line in lines[:-1])


def test_bars_that_are_all_the_same_have_no_scale_to_divide_by() -> None:
    assert len(interval_bars([Bar("1", 1.0, 1.0, 1.0)], 1.0)) == 2
