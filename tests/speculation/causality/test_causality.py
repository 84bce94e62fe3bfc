"""Random schedules replayed from a log of events: nothing is emitted twice or skipped, or used before it exists."""

import pytest

from .checker import check


def test_a_thousand_random_schedules_keep_causality(play):
    for number in range(1000):
        check(play(number))


@pytest.mark.slow
def test_a_hundred_thousand_random_schedules_keep_causality(play):
    """Five minutes of one core."""
    for number in range(1000, 101_000):
        check(play(number))
