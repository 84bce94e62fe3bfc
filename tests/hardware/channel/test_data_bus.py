"""The data bus of a channel by hand: bursts of four cycles, two cycles to change ranks."""

import pytest

from ahasd.hardware.channel.co_simulation.data_bus import DataBus

BURST, TURN = 4, 2


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (0, 0),  # its data have passed at 4, and two cycles later come those at 10
        (4, 4),
        (5, 16),  # would end at 9, and the ranks change until 11
        (10, 16),
        (15, 16),
        (16, 16),
        (40, 40),
    ],
)
def test_data_of_another_go_where_a_burst_and_the_change_of_ranks_leave_them(wanted: int, given: int) -> None:
    bus = DataBus(TURN)
    bus.take(1, 10, 10 + BURST, now=0)
    assert bus.first_begin(2, wanted, BURST) == given
    assert bus.first_begin(1, wanted, BURST) == wanted  # its own distances are its own affair


def test_data_find_a_gap_that_holds_them_and_both_changes() -> None:
    bus = DataBus(TURN)
    bus.take(1, 10, 14, now=0)
    bus.take(1, 21, 25, now=0)  # seven cycles, one too few
    bus.take(3, 33, 37, now=0)  # eight cycles
    assert bus.first_begin(2, 5, BURST) == 27
    assert bus.first_begin(2, 28, BURST) == 39


def test_claims_are_respected_by_those_who_come_later_and_not_by_those_before() -> None:
    bus = DataBus(TURN)
    bus.hold(1, 10, 30)
    bus.hold(2, 20, 40)
    assert bus.first_begin(1, 12, BURST) == 12
    assert bus.first_begin(2, 12, BURST) == 32
    assert bus.first_begin(0, 12, BURST) == 42
    bus.hold(1, 50, 60)  # moved, but as old as it was
    assert bus.first_begin(2, 52, BURST) == 62
    bus.release(1)
    assert bus.first_begin(2, 52, BURST) == 52
    bus.release(1)
    assert bus.first_begin(1, 22, BURST) == 42


def test_bursts_that_are_over_are_forgotten_and_others_are_not() -> None:
    bus = DataBus(TURN)
    for number in range(40):
        bus.take(1, 10 * number, 10 * number + BURST, now=10 * number)
    assert sum(len(bursts) for bursts in bus._bursts.values()) <= 20
    assert bus.first_begin(2, 389, BURST) == 396
    late = DataBus(TURN)
    for number in range(40):
        late.take(1, 10 * number, 10 * number + BURST, now=0)  # none is over
    assert late.first_begin(2, 9, BURST) == 396
    assert late.first_begin(2, 0, 1) == 6
