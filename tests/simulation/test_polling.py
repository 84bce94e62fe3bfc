import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.simulation.polling import PollingClock


@pytest.mark.parametrize(
    ("interval", "written", "seen"), [(10, 0, 0), (10, 1, 10), (10, 10, 10), (10, 11, 20), (0, 11, 11)]
)
def test_what_is_written_is_seen_at_the_next_look(interval, written, seen):
    assert PollingClock(interval).visible_at(written) == seen


@given(st.integers(1, 10**9), st.integers(0, 10**15))
def test_a_look_is_a_multiple_of_the_interval_and_less_than_one_away(interval, time):
    seen = PollingClock(interval).visible_at(time)
    assert seen % interval == 0
    assert 0 <= seen - time < interval
    assert PollingClock(interval).visible_at(seen) == seen


@given(st.integers(0, 1000), st.lists(st.integers(0, 10**6), min_size=2))
def test_what_is_written_later_is_not_seen_earlier(interval, times):
    clock = PollingClock(interval)
    seen = [clock.visible_at(time) for time in sorted(times)]
    assert seen == sorted(seen)


def test_a_negative_interval_is_refused():
    with pytest.raises(ValueError, match="negative"):
        PollingClock(-1)
