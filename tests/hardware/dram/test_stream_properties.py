from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.playback import play, stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set, timing_names

memories = st.sampled_from(timing_names()).map(load_timing_set)
shares = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
visits = st.sampled_from([1, 2, 3, 4, 8, 32])
refreshes = st.sampled_from([Refresh.NONE, Refresh.ALL_BANK])
few = settings(max_examples=25, deadline=None, derandomize=True)

TIMES = ["RL", "WL", "tCCDL", "tRCDRD", "tRCDWR", "tRP", "tRAS", "tRC", "tRRDS", "tRRDL", "tFAW"]
TIMES += ["tRTPL", "tWR", "tWTRS", "tWTRL", "tRTRS", "tRFC"]


def channel(memory, refresh):
    return replace(memory.organisation, refresh=refresh)


@few
@given(memories, refreshes, st.sampled_from([0.0, 1.0]), visits, st.integers(1, 12_000), st.booleans())
def test_extrapolation_equals_playback(memory, refresh, share, visit, requests, staggered):
    stream = RequestStream(requests, share, visit, staggered)
    organisation = channel(memory, refresh)
    fast, full = (f(memory.timing, organisation, stream) for f in (stream_cycles, play))
    assert fast.exact
    assert (fast.cycles, fast.commands, fast.bytes) == (full.cycles, full.commands, full.bytes)


@pytest.mark.parametrize("refresh", [Refresh.NONE, Refresh.ALL_BANK, Refresh.PER_BANK])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_mean_rate_of_an_aperiodic_stream_is_close_to_playback(refresh, share):
    memory = load_timing_set("lpddr5-6400-8gb")
    stream = RequestStream(40_000, share, 8)
    fast, full = (f(memory.timing, channel(memory, refresh), stream) for f in (stream_cycles, play))
    assert fast.cycles == pytest.approx(full.cycles, rel=0.01)
    assert (fast.commands.read, fast.commands.write) == (full.commands.read, full.commands.write)
    assert fast.commands.activate == pytest.approx(full.commands.activate, rel=0.02)


def test_a_long_read_stream_is_counted_not_played():
    memory = load_timing_set("lpddr5-6400-8gb")
    stream = RequestStream(100_000_000)
    result = stream_cycles(memory.timing, channel(memory, Refresh.NONE), stream)
    assert result.exact
    assert result.played_requests < 10_000
    assert result.commands.read == stream.requests


@few
@given(memories, refreshes, shares, visits, st.integers(1, 1500))
def test_commands_are_conserved(memory, refresh, share, visit, requests):
    stream = RequestStream(requests, share, visit)
    organisation = channel(memory, refresh)
    result = play(memory.timing, organisation, stream)
    commands = result.commands
    assert commands.read + commands.write == requests
    assert result.bytes == requests * organisation.burst_bytes
    assert commands.activate <= requests
    assert 0 <= commands.activate - commands.precharge <= organisation.banks
    if refresh is Refresh.NONE and share in (0.0, 1.0):
        pattern = stream.pattern(organisation.banks)
        visited = {
            # A row may go on from one period into the next.
            (
                i % organisation.banks,
                i // pattern.period * pattern.rows_per_period + pattern.row[i % pattern.period],
            )
            for i in range(requests)
        }
        assert len(visited) <= commands.activate <= len(visited) + organisation.banks


@few
@given(memories, refreshes, shares, visits, st.integers(1, 3000))
def test_the_data_bus_is_never_exceeded(memory, refresh, share, visit, requests):
    result = play(memory.timing, channel(memory, refresh), RequestStream(requests, share, visit))
    assert result.cycles >= requests * memory.timing.burst_cycles


@few
@given(memories, refreshes, st.sampled_from([0.0, 1.0]), visits, st.integers(1, 3000), st.integers(1, 500))
def test_more_requests_take_no_less_time(memory, refresh, share, visit, requests, more):
    organisation = channel(memory, refresh)
    short, long = (
        stream_cycles(memory.timing, organisation, RequestStream(n, share, visit)).cycles
        for n in (requests, requests + more)
    )
    assert short <= long


@settings(max_examples=20, deadline=None, derandomize=True)
@given(memories, refreshes, shares, visits, st.sampled_from(TIMES), st.integers(1, 12))
def test_slower_timing_takes_no_less_time_up_to_one_refresh(memory, refresh, share, visit, field, slower):
    organisation = channel(memory, refresh)
    stream = RequestStream(2000, share, visit)
    timing = replace(memory.timing, **{field: getattr(memory.timing, field) + slower})
    fast = play(memory.timing, organisation, stream).cycles
    slow = play(timing, organisation, stream).cycles
    # A greedy scheduler can gain by being held up: up to a refresh, and with mixed directions, where it decides
    # how full the queues are when the bus turns, some per cent more.
    assert slow >= fast * (1 if share in (0.0, 1.0) else 0.95) - timing.tRFC


@pytest.mark.parametrize("name", ["lpddr5-6400-8gb", "gddr6", "ahasd"])
@pytest.mark.parametrize("visit", [4, 64])
def test_reads_alone_beat_a_mixed_stream(name, visit):
    memory = load_timing_set(name)
    reads, mixed = (
        play(memory.timing, memory.organisation, RequestStream(6000, share, visit)).cycles
        for share in (1.0, 0.5)
    )
    assert reads < mixed


@pytest.mark.parametrize("refresh", [Refresh.ALL_BANK, Refresh.PER_BANK])
def test_refresh_costs_time_and_visits_every_bank(refresh):
    memory = load_timing_set("lpddr5-6400-16gb")
    stream = RequestStream(20_000)
    without = play(memory.timing, channel(memory, Refresh.NONE), stream)
    refreshed = play(memory.timing, channel(memory, refresh), stream)
    assert refreshed.cycles > without.cycles
    interval = memory.timing.tREFI if refresh is Refresh.ALL_BANK else memory.timing.tREFIpb
    count = refreshed.commands.refresh_all + refreshed.commands.refresh_bank
    assert count == pytest.approx(refreshed.cycles / interval, abs=1.5)
