"""When refreshes fall due, by hand."""

from dataclasses import replace

from ahasd.hardware.dram.controllers.refresh_clock import refresh_clock
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.timings import load_timing_set


def test_banks_share_the_interval_of_all_where_the_standard_gives_none_per_bank() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    timing = replace(memory.timing, tREFI=3200, tREFIpb=0)
    clock = refresh_clock(timing, replace(memory.organisation, refresh=Refresh.PER_BANK), begin=0)
    assert clock.due == 200  # sixteen banks
    assert (clock.advance(), clock.due) == (memory.organisation.refresh_order()[0], 400)


def test_the_interval_per_bank_goes_before_a_share_of_that_of_all() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    clock = refresh_clock(memory.timing, replace(memory.organisation, refresh=Refresh.PER_BANK), begin=0)
    assert clock.due == 391


def test_ranks_are_refreshed_in_turn_over_the_interval() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    timing = replace(memory.timing, tREFI=3200)
    organisation = replace(memory.organisation, refresh=Refresh.ALL_BANK, ranks=4)
    clock = refresh_clock(timing, organisation, begin=0)
    assert [(clock.due, clock.advance()) for _ in range(5)] == [
        (800, 0),
        (1600, 1),
        (2400, 2),
        (3200, 3),
        (4000, 0),
    ]


def test_refreshes_before_the_start_have_passed() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    timing = replace(memory.timing, tREFI=3200)
    organisation = replace(memory.organisation, refresh=Refresh.ALL_BANK, ranks=4)
    clock = refresh_clock(timing, organisation, begin=2000)
    assert (clock.due, clock.advance()) == (2400, 2)
