"""Control token by token keeps causality, also where passes start with nothing drafted."""

import pytest

from .checker import check

GOVERNED = {"aau": True, "edc": False, "tvc": False, "minimum_pending": 1}


@pytest.mark.parametrize("control", ["goodput", "informed", "exact", "clairvoyant"])
def test_random_schedules_under_a_pilot_keep_causality(play, control):
    for number in range(150):
        check(play(number, control=control, **GOVERNED))
