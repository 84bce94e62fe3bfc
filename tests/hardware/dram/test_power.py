"""The energies that DRAMPower 6 gives for the same currents (its published table, reproduced within 2 %)."""

from dataclasses import replace

import pytest

from ahasd.errors import UnknownNameError
from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.power import load_power
from ahasd.hardware.dram.streams.energy import stream_energy
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set

MEMORY = load_timing_set("lpddr5-6400-16gb")


def energy(level, visit=64, read_share=1.0, refresh=Refresh.NONE):
    organisation = replace(MEMORY.organisation, refresh=refresh)
    stream = RequestStream(1 << 20, read_share, visit)
    result = stream_cycles(MEMORY.timing, organisation, stream)
    return stream_energy(load_power(level), result, MEMORY.timing)


@pytest.mark.parametrize(
    ("level", "visit", "pj_per_bit"),
    [
        ("maximum", 64, 3.82),
        ("maximum", 8, 4.31),
        ("maximum", 1, 8.66),
        ("typical", 64, 2.28),
        ("typical", 8, 2.52),
        ("typical", 1, 4.74),
    ],
)
def test_core_energy_of_a_read_stream(level, visit, pj_per_bit):
    assert energy(level, visit).core_pj_per_bit == pytest.approx(pj_per_bit, rel=0.02)


@pytest.mark.parametrize(("level", "pj_per_bit"), [("maximum", 2.71), ("typical", 1.39)])
def test_core_energy_of_a_write_stream(level, pj_per_bit):
    writes = energy(level, read_share=0.0)
    assert writes.core_pj_per_bit == pytest.approx(pj_per_bit, rel=0.02)
    assert writes.interface_pj / writes.bits == pytest.approx(0.61)


@pytest.mark.parametrize(("level", "pj_per_bit"), [("maximum", 4.70), ("typical", 3.13)])
def test_whole_energy_of_a_read_stream_with_refresh_and_drivers(level, pj_per_bit):
    quiet, timing = energy(level), MEMORY.timing
    assert quiet.interface_pj / quiet.bits == pytest.approx(0.51 + 0.22)
    # The table adds the refresh power of a stream at full rate.
    nanoseconds_per_bit = timing.burst_cycles * timing.tCK_ns / 256
    refresh = load_power(level).refresh_pj / (timing.tREFI * timing.tCK_ns) * nanoseconds_per_bit
    assert quiet.pj_per_bit + refresh == pytest.approx(pj_per_bit, rel=0.02)
    # Played, the stream also waits for the refreshes.
    assert pj_per_bit < energy(level, refresh=Refresh.ALL_BANK).pj_per_bit < 1.03 * pj_per_bit


@pytest.mark.parametrize(
    ("level", "row_pj", "read_pj", "write_pj", "refresh_nj"),
    [("maximum", 1138, 842, 557, 58.5), ("typical", 569, 505, 278, 48.6)],
)
def test_energy_per_command(level, row_pj, read_pj, write_pj, refresh_nj):
    power = load_power(level)
    assert power.activate_pj + power.precharge_pj == pytest.approx(row_pj, rel=0.02)
    assert power.read_burst_pj == pytest.approx(read_pj, rel=0.02)
    assert power.write_burst_pj == pytest.approx(write_pj, rel=0.02)
    assert power.refresh_pj / 1e3 == pytest.approx(refresh_nj, rel=0.02)


@pytest.mark.parametrize(
    ("level", "milliwatts"), [("maximum", (37, 47, 7, 22)), ("typical", (21, 28, 4, 17))]
)
def test_power_of_the_states(level, milliwatts):
    power = load_power(level)
    states = (power.precharged_mw, power.active_mw, power.power_down_mw, power.self_refresh_mw)
    assert states == pytest.approx(milliwatts, rel=0.02)


def test_a_flat_constant_is_compared_with_the_commands():
    whole = energy("typical", refresh=Refresh.ALL_BANK)
    assert whole.relative_to(whole.pj_per_bit) == pytest.approx(0)
    assert whole.relative_to(4.0) == pytest.approx(whole.pj_per_bit / 4.0 - 1)
    assert -0.3 < whole.relative_to(4.0) < 0 < energy("maximum", refresh=Refresh.ALL_BANK).relative_to(4.0)


def test_refreshing_bank_by_bank_costs_about_as_much_as_all_at_once():
    once, turns = (energy("typical", refresh=refresh) for refresh in (Refresh.ALL_BANK, Refresh.PER_BANK))
    # Not the same: a stream takes another time under either.
    assert turns.refresh_pj == pytest.approx(once.refresh_pj, rel=0.1)


def test_reading_inside_the_array_is_a_share_of_a_burst():
    power = load_power("typical")
    assert power.in_array_read_pj() == pytest.approx(0.18 * power.read_burst_pj)
    low, high = (power.in_array_read_pj(share) / 256 for share in power.in_array_range)
    assert (low, high) == pytest.approx((0.3, 1.1), abs=0.02)


@pytest.mark.parametrize(("level", "name"), [("usual", "lpddr5-16gb"), ("typical", "hbm9")])
def test_unknown_names_are_named(level, name):
    with pytest.raises(UnknownNameError):
        load_power(level, name)
