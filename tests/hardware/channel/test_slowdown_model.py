"""The slowdown model: its limits, by hand, and beside the co-simulation."""

from itertools import product
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.hardware.channel.co_simulation import compare, random_mix
from ahasd.hardware.channel.loads import product_loads
from ahasd.hardware.channel.slot_conflicts import displacement, share_lost
from ahasd.hardware.channel.slowdown import ChannelLoad, ChannelSlowdown
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.pim.commands import PimGeometry, PimOptions

AHASD = load_timing_set("ahasd")
TIMES = st.floats(1e-6, 1e-2)
SHARES = st.floats(0.0, 0.3)


def test_both_slowdowns_of_random_mixes() -> None:
    found = [compare(random_mix(seed)) for seed in range(1000, 1010)]
    for side in (0, 1):
        errors = [abs(comparison.errors[side]) for comparison in found]
        assert mean(errors) < 0.03
        assert max(errors) < 0.10
    assert max(comparison.stream for comparison in found) > 1.2  # there is something to predict


def test_a_run_by_hand() -> None:
    # 100 runs of 50 cycles in 100,000: each also costs two changes of rank of 4 cycles and half a burst less a slot
    cycle = 0.625e-9
    pim = ChannelLoad(100_000 * cycle, 100 * 50 * cycle, 100)
    stream = ChannelLoad(1e-3, 1e-3)
    rate, pim_rate = ChannelSlowdown(AHASD.timing).rates(stream, pim)
    assert rate == pytest.approx(1 - 100 * (50 + 8 + 1) / 100_000)
    assert pim_rate == 1.0
    assert ChannelSlowdown(AHASD.timing, ideal_data_bus=True).rates(stream, pim)[0] == 1.0


@given(TIMES, TIMES, SHARES, SHARES, st.floats(0.1, 1.0))
def test_nothing_is_created_or_lost_when_two_finish_together(
    stream_s: float, pim_s: float, data: float, displaced: float, demand: float
) -> None:
    stream = ChannelLoad(stream_s, demand * stream_s)
    pim = ChannelLoad(pim_s, data * pim_s, 0.0, displaced * pim_s)
    sharing = ChannelSlowdown(AHASD.timing)
    rate, _ = sharing.rates(stream, pim)
    stream_end, pim_end = sharing.finish_together(stream, [pim])
    assert 0 < rate <= 1
    assert stream_end >= stream_s * (1 - 1e-12)
    assert pim_end == pytest.approx(pim_s)
    shared = min(stream_end, pim_end)
    assert shared * rate + max(stream_end - shared, 0) == pytest.approx(stream_s)
    halves = sharing.finish_together(stream, [pim * 0.5, pim * 0.5])
    assert list(halves) == pytest.approx([stream_end, pim_end])


def test_a_stream_that_needs_half_the_channel_gives_way_for_nothing() -> None:
    pim = ChannelLoad(1e-3, 0.4e-3)
    assert ChannelSlowdown(AHASD.timing).rates(ChannelLoad(2e-3, 1e-3), pim) == (1.0, 1.0)


def test_what_slots_displace() -> None:
    assert displacement(1, 2) == 0.5
    assert displacement(2, 2) == 1.5
    assert displacement(1, 1) == 1.0
    assert share_lost(1, 3, 2, 0.5) == pytest.approx(1 / 3)
    assert share_lost(1, 3, 4, 0.5) == pytest.approx(1 / 3 - 2 / 9)  # 3 k = 1 (mod 4) for k = 3
    assert share_lost(1, 4, 2, 0.5, in_step=True) == 0.0
    assert share_lost(3, 3, 2, 0.5) == 1.0


@pytest.mark.parametrize("pace", [4, 5, 8, 9])
@pytest.mark.parametrize("agents", [2, 3])
def test_share_lost_is_that_of_a_stream_stepped_past_agents_that_park(agents: int, pace: int) -> None:
    demand = 0.5 * (1 - 0.5 / pace)
    losses = []
    for wishes in product(range(pace), repeat=agents):
        taken: set[int] = set()
        for wish in wishes:
            taken.add(next(slot % pace for slot in range(wish, wish + pace) if slot % pace not in taken))
        now, issued, rounds = max(taken) + 1, 0, 200
        while now < rounds * pace:
            free = now % pace not in taken
            issued += free
            now += 2 if free else 1
        losses.append(max(1 - 2 * issued / (rounds * pace), 1 - (1 - agents / pace) / demand))
    assert share_lost(agents, pace, 2, demand) == pytest.approx(mean(losses), abs=1e-2)


def test_loads_of_the_default_machine() -> None:
    rank = PimGeometry(
        channels=1, ranks=4, banks=16, bank_groups=4, blocks=16, column_bytes=32, columns_per_row=64,
        element_bytes=1, input_registers=8, output_registers=8, lockstep_ranks=4,
    )  # fmt: skip
    options = PimOptions(mac_cycles=128)
    timing, organisation = AHASD.timing, AHASD.organisation
    bursts = (1 << 20) // organisation.burst_bytes
    seconds = stream_cycles(timing, organisation, RequestStream(bursts)).seconds(timing.tCK_ns)
    stream = ChannelLoad(seconds, seconds)
    pim, nothing = product_loads(timing, organisation, rank, options, (512, 4096, 1))
    assert nothing == ChannelLoad()
    rate, _ = ChannelSlowdown(timing).rates(stream, pim)
    # 8 registers of 6 cycles, two changes of rank and two row changes per tile of 64 columns of 128 cycles
    assert 0.97 < rate < 0.995
    doubled, _ = product_loads(timing, organisation, rank, options, (512, 4096, 1), agents=2)
    assert ChannelSlowdown(timing).rates(stream, doubled)[0] < rate


def test_each_bus_takes_its_own_share_from_a_stream_unless_it_is_ideal() -> None:
    stream, pim = ChannelLoad(1.0, 1.0), ChannelLoad(1.0, 0.2, 0.0, 0.3)
    kept = {
        (data, commands): ChannelSlowdown(AHASD.timing, data, commands).rates(stream, pim)[0]
        for data in (False, True)
        for commands in (False, True)
    }
    expected = {(False, False): 0.5, (False, True): 0.8, (True, False): 0.7, (True, True): 1.0}
    assert kept == pytest.approx(expected)
