"""What is counted from the sections of a product is what passes when it is played."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from ahasd.hardware.channel.co_simulation import Command, Kind, PimProduct, PimWork, co_simulate
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.command_counts import gemv_counts
from ahasd.hardware.pim.commands import PimGeometry, PimOptions

RANK = PimGeometry(
    channels=1, ranks=1, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip


@pytest.mark.parametrize("blocks", [8, 16])
@pytest.mark.parametrize("shape", [(100, 200, 1), (300, 3000, 1), (128, 2000, 3)])
@pytest.mark.parametrize("reuse", [1, 2])
def test_counts_are_those_of_the_commands_played(
    blocks: int, shape: tuple[int, int, int], reuse: int
) -> None:
    memory = load_timing_set("ahasd")
    timing = memory.timing
    geometry = replace(RANK, blocks=blocks)
    options = PimOptions(weight_reuse=reuse, mac_cycles=12)
    record: list[Command] = []
    co_simulate(
        timing, memory.organisation, None, PimWork((PimProduct(*shape),), geometry, options), record=record
    )
    counts = gemv_counts(timing, geometry, options, *shape)
    played = Counter(command.kind for command in record)
    crossing = sorted(command.data for command in record if command.data)
    inside = sum(command.kind in (Kind.READ, Kind.WRITE) for command in record) - len(crossing)
    assert sum(counts.columns.values()) == inside
    assert counts.activates == pytest.approx(played[Kind.ACTIVATE], rel=0.05)
    assert counts.activates == pytest.approx(played[Kind.PRECHARGE], rel=0.1)
    # runs: bursts with no room for another's burst and two changes of rank between them
    room = timing.burst_cycles + 2 * timing.tRTRS
    gaps = [begin - end for (_, end), (begin, _) in pairwise(crossing)]
    assert counts.runs == pytest.approx(1 + sum(gap >= room for gap in gaps), rel=0.1, abs=2)
    held = crossing[-1][1] - crossing[0][0] - sum(gap for gap in gaps if gap >= room)
    assert counts.data == pytest.approx(held, rel=0.05)
