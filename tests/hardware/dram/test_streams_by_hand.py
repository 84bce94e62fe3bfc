"""Small streams whose cycles can be added up by hand."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.dram.organisation import ChannelOrganisation, Refresh, Scheduling
from ahasd.hardware.dram.streams.playback import play, stream_cycles
from ahasd.hardware.dram.streams.rates import peak_bytes_per_second, streaming_bytes_per_second
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing, load_timing_set, timing_names

HBM2 = load_timing_set("hbm2")
QUIET = replace(HBM2.organisation, refresh=Refresh.NONE)


def test_one_read_takes_activate_read_and_data():
    # first cycle 1, tRCDRD 14, RL 20, a burst of 2, a cycle to report
    result = play(HBM2.timing, QUIET, RequestStream(1, 1.0, 32))
    assert result.cycles == 1 + 14 + 20 + 2 + 1
    assert result.commands.activate == result.commands.read == 1


def test_one_lpddr5_read_pays_both_halves_of_the_activate_and_the_data_clock():
    memory = load_timing_set("lpddr5-6400-8gb")
    result = play(memory.timing, replace(memory.organisation, refresh=Refresh.NONE), RequestStream(1))
    # first cycle 1, tRCDRD 15, the command that starts the data clock 1, RL 17, a burst of 2
    assert result.cycles == 1 + 15 + 1 + 17 + 2


def test_reads_of_one_bank_are_a_long_column_delay_apart():
    one = replace(QUIET, bank_groups=1, banks_per_group=1)
    cycles = [play(HBM2.timing, one, RequestStream(n, 1.0, 32)).cycles for n in (1, 2, 3)]
    assert [cycles[1] - cycles[0], cycles[2] - cycles[1]] == [HBM2.timing.tCCDL] * 2


def test_a_bank_that_changes_rows_pays_the_row_cycle():
    one = replace(QUIET, bank_groups=1, banks_per_group=1)
    first, second = (play(HBM2.timing, one, RequestStream(n, 1.0, 1)).cycles for n in (1, 2))
    assert second - first == HBM2.timing.tRC


def test_single_visits_are_bound_by_the_activate_window():
    memory = load_timing_set("ahasd")
    organisation = replace(memory.organisation, refresh=Refresh.NONE)
    stream = RequestStream(8000, 1.0, 1)
    result = stream_cycles(memory.timing, organisation, stream)
    assert result.cycles == pytest.approx(stream.requests * memory.timing.tFAW / 4, rel=0.01)


def test_whole_rows_reach_the_bus_without_refresh():
    for name in timing_names():
        memory = load_timing_set(name)
        rate = streaming_bytes_per_second(memory.timing, memory.organisation, refresh=Refresh.NONE)
        peak = peak_bytes_per_second(memory.timing, memory.organisation)
        assert 0.99 * peak < rate <= peak


def test_all_bank_refresh_costs_at_least_its_duration():
    memory = load_timing_set("lpddr5-6400-16gb")
    rate = streaming_bytes_per_second(memory.timing, memory.organisation, refresh=Refresh.ALL_BANK)
    peak = peak_bytes_per_second(memory.timing, memory.organisation)
    lost = memory.timing.tRFC / memory.timing.tREFI
    assert 1 - lost - 0.03 < rate / peak < 1 - lost


def test_the_table_of_ahasd_is_kept():
    timing = load_timing("ahasd")
    assert (timing.tRP, timing.tRCDRD, timing.tRAS, timing.tRRDL, timing.tWR) == (32, 32, 64, 8, 24)
    assert (timing.tCCDS, timing.tCCDL, timing.tREFI, timing.tFAW, timing.tRFC) == (4, 6, 6240, 64, 560)
    assert timing.tREFI * timing.tCK_ns == pytest.approx(3900)


def test_every_set_says_where_its_fields_come_from():
    for name in timing_names():
        memory = load_timing_set(name)
        assert memory.source_of("tRFC")
        assert memory.source_of("a field without an entry of its own") == memory.source


def test_unknown_sets_are_named():
    with pytest.raises(UnknownNameError, match="hbm2"):
        load_timing("hbm")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: RequestStream(-1), "requests"),
        (lambda: RequestStream(1, 1.5), "read_share"),
        (lambda: RequestStream(1, 1.0, 0), "bursts_per_row_visit"),
        (lambda: ChannelOrganisation(bank_groups=0), "bank_groups"),
        (lambda: ChannelOrganisation(row_bytes=100), "multiple"),
        (lambda: ChannelOrganisation(write_low=0.9), "write_low"),
        (lambda: ChannelOrganisation(write_low=0.5, write_high=0.5), "write_low"),
        (lambda: ChannelOrganisation(write_low=0.0), "0 < write_low"),  # no drain would ever end
        (lambda: ChannelOrganisation(write_high=1.0), "write_high < 1"),
        (lambda: ChannelOrganisation(scheduling=Scheduling.UNIFIED, refresh=Refresh.PER_BANK), "per-bank"),
    ],
)
def test_impossible_values_are_explained(build, message):
    with pytest.raises(AhasdError, match=message):
        build()


def test_a_channel_is_that_of_ramulator_unless_something_else_is_said():
    channel = ChannelOrganisation()
    assert (channel.bank_groups, channel.banks_per_group, channel.row_bytes) == (4, 4, 2048)
    assert (channel.read_queue, channel.write_queue, channel.requests_per_cycle) == (32, 32, 1)
    assert (channel.write_low, channel.write_high) == (0.2, 0.8)
    assert (channel.ranks, channel.report_cycles) == (1, 0)
    assert (channel.scheduling, channel.refresh) == (Scheduling.WRITE_DRAIN, Refresh.ALL_BANK)
    assert channel.groups_fastest
    assert not channel.precharge_after_burst
    assert channel.bursts_per_row == 64


@pytest.mark.parametrize(
    "field",
    ["bank_groups", "banks_per_group", "row_bytes", "burst_bytes", "ranks", "read_queue", "write_queue"],
)
def test_a_channel_has_at_least_one_of_everything(field):
    with pytest.raises(AhasdError, match=f"{field} must be at least 1, not 0"):
        ChannelOrganisation(**{field: 0})
    ChannelOrganisation(**{"row_bytes": 32, field: 32 if "bytes" in field else 1})
