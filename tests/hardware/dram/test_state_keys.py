"""States between commands recur relative to the cycle, the row and the number of requests, and hide nothing."""

from dataclasses import replace

import pytest

from ahasd.hardware.dram.controllers.channel_state import ACTIVATING, CLOSED, ChannelState
from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set

TIMING = load_timing_set("lpddr5-6400-8gb").timing
TWO_BANKS = ChannelOrganisation(bank_groups=2, banks_per_group=1)
NOW, ROW = 1000, 50

#: Everything that bounds a later command, with the first of its cycles where it has several.
BOUNDS = {
    "activate_bank": lambda state: state.activate_bank,
    "precharge_bank": lambda state: state.precharge_bank,
    "read_bank": lambda state: state.column_bank[0],
    "write_bank": lambda state: state.column_bank[1],
    "activate_group": lambda state: state.activate_group,
    "read_group": lambda state: state.column_group[0],
    "write_group": lambda state: state.column_group[1],
    "column_channel": lambda state: state.column_channel,
}
SINGLE_BOUNDS = ("activate_channel", "precharge_channel", "data_clock_until")


def states_with_one_later_bound(cycle: int) -> list[ChannelState]:
    """A state for each bound, which alone lies at a cycle; the others are 0."""
    found = []
    for bound in BOUNDS.values():
        for place in range(2):
            state = ChannelState(TIMING, TWO_BANKS)
            bound(state)[place] = cycle
            found.append(state)
    for name in SINGLE_BOUNDS:
        state = ChannelState(TIMING, TWO_BANKS)
        setattr(state, name, cycle)
        found.append(state)
    for place in range(4):
        state = ChannelState(TIMING, TWO_BANKS)
        state.recent_activates[place] = cycle - TIMING.tFAW  # until then it counts in the window
        found.append(state)
    return found


def test_whatever_bounds_a_later_command_is_part_of_the_state() -> None:
    states = [ChannelState(TIMING, TWO_BANKS), *states_with_one_later_bound(NOW + 3)]
    assert len({state.key(NOW, ROW) for state in states}) == len(states)


def test_bounds_count_from_now_and_what_has_passed_is_alike() -> None:
    nothing = ChannelState(TIMING, TWO_BANKS).key(NOW, ROW)
    for near, far in zip(
        states_with_one_later_bound(NOW + 3), states_with_one_later_bound(NOW + 10), strict=True
    ):
        assert near.key(NOW, ROW) == far.key(NOW + 7, ROW)
        assert near.key(NOW + 3, ROW) == nothing
        assert near.key(NOW + 2, ROW) != nothing


def test_open_rows_count_from_the_row_of_the_next_period() -> None:
    def rows(*opened: int) -> ChannelState:
        state = ChannelState(TIMING, TWO_BANKS)
        state.row = list(opened)
        return state

    assert rows(53, 50).key(NOW, 50) == rows(63, 60).key(NOW, 60)
    kinds = [rows(53, 50), rows(50, 53), rows(53, CLOSED), rows(53, ACTIVATING)]
    assert len({state.key(NOW, 50) for state in kinds}) == 4
    assert rows(CLOSED, ACTIVATING).key(NOW, 50) == rows(CLOSED, ACTIVATING).key(NOW, 60)


@pytest.mark.parametrize("visit", [1, 2, 3, 8, 64])
@pytest.mark.parametrize("read_share", [0.0, 1.0])
@pytest.mark.parametrize("name", ["lpddr5-6400-8gb", "gddr6", "hbm2"])
def test_a_long_stream_of_one_direction_recurs_without_refresh(
    name: str, read_share: float, visit: int
) -> None:
    memory = load_timing_set(name)
    organisation = replace(memory.organisation, refresh=Refresh.NONE)
    result = stream_cycles(memory.timing, organisation, RequestStream(10_000_000, read_share, visit))
    assert result.exact
    assert result.commands.read + result.commands.write == 10_000_000
