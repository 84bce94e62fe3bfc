"""Both sides live on one channel: nothing overlaps, nothing comes too early, nothing is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from ahasd.hardware.channel.co_simulation import (
    Arbitration,
    Command,
    Driving,
    Kind,
    PimProduct,
    PimWork,
    co_simulate,
    random_mix,
)
from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import PimGeometry, PimOptions

Checker = Callable[[DramTiming, ChannelOrganisation, PimWork | None, list[Command]], list[str]]

RANK = PimGeometry(
    channels=1, ranks=1, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
    element_bytes=1, input_registers=8, output_registers=8,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_no_rule_of_either_side_is_broken(seed: int, checker: Checker) -> None:
    mix = random_mix(seed)
    stream = replace(mix.stream, requests=1500)
    work = replace(mix.work, products=mix.work.products[:2])
    record: list[Command] = []
    co_simulate(mix.timing, mix.organisation, stream, work, mix.first_refreshes, record=record)
    assert checker(mix.timing, mix.organisation, work, record) == []
    columns = [c for c in record if c.owner == 0 and c.kind in (Kind.READ, Kind.WRITE)]
    assert len(columns) == stream.requests
    assert {c.owner for c in record} == set(range(work.agents + 1))


def test_the_checker_sees_what_it_should(checker: Checker) -> None:
    memory = load_timing_set("ahasd")
    timing = memory.timing
    record: list[Command] = []
    co_simulate(timing, memory.organisation, RequestStream(40), None, record=record)
    assert checker(timing, memory.organisation, None, record) == []
    for moved in range(len(record)):
        spoilt = [replace(c, cycle=c.cycle - 2) if i == moved else c for i, c in enumerate(record)]
        first = record[moved].kind is Kind.ACTIVATE and moved == 0
        early = record[moved].kind in (Kind.SECOND_HALF, Kind.START_CLOCK)
        if not first and not early:
            assert checker(timing, memory.organisation, None, spoilt), record[moved]


@pytest.mark.parametrize("driving", list(Driving))
def test_commands_of_the_pim_side_are_the_same_with_and_without_a_stream(driving: Driving) -> None:
    memory = load_timing_set("ahasd")
    organisation = replace(memory.organisation, refresh=Refresh.NONE)
    work = PimWork((PimProduct(256, 500, 1, 40, 8),), RANK, PimOptions(mac_cycles=20), 2, driving)
    alone: list[Command] = []
    both: list[Command] = []
    co_simulate(memory.timing, organisation, None, work, record=alone)
    co_simulate(memory.timing, organisation, RequestStream(3000), work, record=both)

    def count(record: list[Command]) -> Counter[tuple[int, Kind]]:
        return Counter((c.owner, c.kind) for c in record if c.owner and c.kind in (Kind.READ, Kind.WRITE))

    assert count(alone) == count(both)
    crossing = [c for c in both if c.owner and c.data]
    assert sum(c.kind is Kind.READ for c in crossing) >= 40


def test_ranks_with_commands_of_their_own_begin_a_product_together() -> None:
    memory = load_timing_set("ahasd")
    work = PimWork(
        (PimProduct(256, 500), PimProduct(256, 300)), RANK, PimOptions(mac_cycles=16), 2, Driving.PER_RANK
    )
    record: list[Command] = []
    co_simulate(memory.timing, memory.organisation, None, work, record=record)
    columns = {}
    for owner in (1, 2):
        own = sorted((c for c in record if c.owner == owner), key=lambda c: c.cycle)
        # computing reads of the first product: tiles of 64 columns, two of them for 500 inputs of one byte
        reads = [c.cycle for c in own if c.kind is Kind.READ and not c.data]
        columns[owner] = reads[:128], reads[128:]
    assert max(max(first) for first, _ in columns.values()) < min(min(rest) for _, rest in columns.values())


def test_keeping_in_step_spares_the_stream_and_costs_pim_next_to_nothing() -> None:
    memory = load_timing_set("lpddr5-6400-16gb")
    organisation = replace(memory.organisation, refresh=Refresh.NONE)
    work = PimWork((PimProduct(256, 6000),), RANK, PimOptions(), 2, Driving.PER_RANK)
    stream = RequestStream(6000)
    apart = co_simulate(memory.timing, organisation, stream, work, arbitration=Arbitration(in_step=False))
    in_step = co_simulate(memory.timing, organisation, stream, work)
    assert in_step.stream < 0.9 * apart.stream
    assert in_step.pim < 1.02 * apart.pim
