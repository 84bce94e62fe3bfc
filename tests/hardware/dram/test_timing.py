"""Timing sets as they are read: what is missing, unknown or impossible is refused by its name."""

from typing import Any

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.dram.timing import DramTiming, timing_from_document
from ahasd.hardware.dram.timings import load_timing_set, timing_names

REQUIRED = [
    "tCK_ns", "BL", "RL", "WL", "tCCDS", "tCCDL", "tRCDRD", "tRCDWR", "tRP", "tRAS",
    "tRC", "tRRDS", "tRRDL", "tRTPS", "tRTPL", "tWR", "tWTRS", "tWTRL", "tREFI", "tRFC",
]  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    return {**dict.fromkeys(REQUIRED, 4), "tCK_ns": 0.625} | changes


def test_what_is_not_given_does_not_bind() -> None:
    timing = timing_from_document("mine", document())
    assert timing == DramTiming(0.625, *[4] * 19)
    assert (timing.tFAW, timing.tRTRS, timing.tPPD, timing.tAAD, timing.tWCKPST) == (0, 0, 0, 0, 0)
    assert (timing.transfers_per_cycle, timing.command_cycles) == (2, 1)


@pytest.mark.parametrize(("burst", "rate", "cycles"), [(16, 4, 4), (16, 2, 8), (4, 4, 1), (5, 4, 2)])
def test_a_burst_takes_whole_cycles(burst: int, rate: int, cycles: int) -> None:
    timing = timing_from_document("mine", document(BL=burst, transfers_per_cycle=rate))
    assert timing.burst_cycles == cycles


@pytest.mark.parametrize("field", REQUIRED)
def test_every_constraint_of_a_plain_memory_must_be_given(field: str) -> None:
    given = document()
    del given[field]
    with pytest.raises(AhasdError, match=f"timing set 'mine': missing {field}$"):
        timing_from_document("mine", given)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tFOO": 3}, "unknown field 'tFOO'; valid: tCK_ns, BL"),
        ({"tRP": 3.5}, "tRP must be a whole number, not 3.5"),
        ({"tRP": True}, "tRP must be a whole number, not True"),
        ({"tCK_ns": "fast"}, "tCK_ns must be a number, not 'fast'"),
        ({"tRP": -1}, "tRP=-1 is out of range"),
        ({"tCK_ns": 0.0}, "tCK_ns=0.0 is out of range"),
        ({"BL": 0}, "BL=0 is out of range"),
        ({"tREFI": 0}, "tREFI=0 is out of range"),
        ({"transfers_per_cycle": 0}, "transfers_per_cycle=0 is out of range"),
        ({"command_cycles": 0}, "command_cycles=0 is out of range"),
    ],
)
def test_what_is_no_timing_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=f"timing set 'mine': {said}"):
        timing_from_document("mine", document(**changes))


def test_a_clock_may_be_a_whole_number_and_a_constraint_nothing() -> None:
    timing = timing_from_document("mine", document(tCK_ns=1, tRP=0))
    assert (timing.tCK_ns, timing.tRP) == (1, 0)


def test_the_sets_of_the_package_say_where_each_number_comes_from() -> None:
    assert {"ahasd", "gddr6", "hbm2", "lpddr5-6400-16gb"} <= set(timing_names())
    for name in timing_names():
        memory = load_timing_set(name)
        assert memory.name == name
        assert memory.description
        for field in REQUIRED:
            assert memory.source_of(field)
        for field, source in memory.sources:
            assert memory.source_of(field) == source
    with pytest.raises(UnknownNameError, match="Did you mean 'hbm2'"):
        load_timing_set("hbm3")
