"""The constraint table against the list of an independent simulator, worked out by hand for LPDDR5-6400."""

import pytest

from ahasd.hardware.dram.controllers.channel_state import ChannelState
from ahasd.hardware.dram.controllers.distances import Command, Scope, command_distances
from ahasd.hardware.dram.timings import load_timing_set, timing_names

#: Cycles of 1.25 ns from the constraint list of Ramulator 2.1 and its LPDDR5-6400 as measured (BL 2/4, RFCpb 112).
#: The last two are not in that list: they are the timing set's own fields.
BY_HAND = {
    ("activate", "activate", "bank"): 49,
    ("activate", "activate", "bank group"): 4,
    ("activate", "activate", "channel"): 4,
    ("activate", "read", "bank"): 15,
    ("activate", "write", "bank"): 15,
    ("activate", "precharge", "bank"): 34,
    ("read", "read", "bank group"): 4,
    ("read", "read", "channel"): 2,
    ("write", "write", "bank group"): 4,
    ("write", "write", "channel"): 2,
    ("read", "write", "channel"): 12,  # 17 + 2 + 2 - 9
    ("write", "read", "channel"): 16,  # 9 + 2 + 5
    ("write", "read", "bank group"): 23,  # 9 + 4 + 10
    ("read", "precharge", "bank"): 8,
    ("write", "precharge", "bank"): 39,  # 9 + 2 + 28
    ("precharge", "activate", "bank"): 15,
    ("precharge", "precharge", "channel"): 2,
    ("all-bank refresh", "activate", "bank"): 224,
    ("per-bank refresh", "activate", "bank"): 112,
    ("per-bank refresh", "per-bank refresh", "channel"): 72,
    ("per-bank refresh", "activate", "channel"): 6,
}


def test_the_table_of_lpddr5_6400_is_that_worked_out_by_hand() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    table = command_distances(memory.timing, memory.organisation)
    assert {(row.first, row.then, row.scope): row.cycles for row in table} == BY_HAND
    assert len(table) == len(BY_HAND)


@pytest.mark.parametrize("name", timing_names())
def test_every_row_of_every_memory_names_its_rule_and_source(name: str) -> None:
    memory = load_timing_set(name)
    for row in command_distances(memory.timing, memory.organisation):
        assert row.rule
        assert row.source
        assert row.cycles >= 0


def test_a_controller_that_holds_rows_for_the_burst_alone_says_whose_rule_that_is() -> None:
    memory = load_timing_set("hbm2")
    rows = {
        (row.first, row.then, row.scope): row for row in command_distances(memory.timing, memory.organisation)
    }
    held = rows[Command.READ, Command.PRECHARGE, Scope.BANK]
    assert memory.organisation.precharge_after_burst
    assert held.cycles == 2 + max(0, memory.timing.tRTPL - memory.timing.tCCDL)
    assert held.source.startswith("DRAMSim2")


@pytest.mark.parametrize(("then", "cycles"), [("bank", 49), ("group", 4), ("other group", 4)])
def test_an_activate_bounds_the_next_one_by_scope(then: str, cycles: int) -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    state = ChannelState(memory.timing, memory.organisation)
    state.activate(0, 0, 100)
    same_group = [bank for bank in range(1, state.banks) if state.group[bank] == state.group[0]]
    far = [bank for bank in range(1, state.banks) if state.group[bank] != state.group[0]]
    bank = {"bank": 0, "group": same_group[0], "other group": far[0]}[then]
    assert state.activate_ready(bank) == 100 + cycles


@pytest.mark.parametrize(("first", "then", "cycles"), [(0, 0, 4), (1, 1, 4), (0, 1, 12), (1, 0, 23)])
def test_a_column_command_bounds_the_next_one_of_its_group_by_direction(
    first: int, then: int, cycles: int
) -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    state = ChannelState(memory.timing, memory.organisation)
    state.activate(0, 0, 0)
    state.column(0, first, 100)
    assert state.column_ready(0, then) == 100 + cycles


@pytest.mark.parametrize(("direction", "cycles"), [(0, 8), (1, 39)])
def test_a_column_command_holds_its_row(direction: int, cycles: int) -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    state = ChannelState(memory.timing, memory.organisation)
    state.activate(0, 0, 0)
    state.column(0, direction, 100)
    assert state.precharge_ready(0) == 100 + cycles


def test_refreshes_bound_the_activates_and_refreshes_that_follow() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    state = ChannelState(memory.timing, memory.organisation)
    assert state.refresh_bank(3, 100) == 172
    assert state.activate_ready(3) == 212
    assert state.activate_ready(0) == 106
    state.refresh_all(1000)
    assert {state.activate_ready(bank) for bank in range(state.banks)} == {1224}
