"""Streams against two independent simulators; the goals are 3 % on average and 8 % for any row."""

from dataclasses import replace
from statistics import mean

import pytest

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.streams.transfer import transfer_cycles
from ahasd.hardware.dram.timings import load_timing_set

SETS = {
    "LPDDR5_8Gb_x16": "lpddr5-6400-8gb",
    "LPDDR5_16Gb_x16": "lpddr5-6400-16gb",
    "GDDR6_8Gb_x16": "gddr6",
}


@pytest.mark.parametrize(
    ("name", "mean_error", "any_error"),
    [
        ("ramulator_lpddr5.csv", 0.005, 0.02),
        ("ramulator_lpddr5_more.csv", 0.01, 0.03),
        ("ramulator_gddr6.csv", 0.01, 0.03),
    ],
)
def test_streams_take_what_ramulator_measures(reference_rows, refresh_named, name, mean_error, any_error):
    errors = []
    for row in reference_rows(name):
        memory = load_timing_set(SETS[row["organisation"]])
        organisation = replace(memory.organisation, refresh=refresh_named[row["refresh"]])
        stream = RequestStream(
            int(row["requests_32B"]), int(row["read_percent"]) / 100, int(row["bursts_per_row_visit"])
        )
        result = stream_cycles(memory.timing, organisation, stream)
        errors.append(abs(result.cycles / int(row["cycles_CK"]) - 1))
    assert mean(errors) <= mean_error
    assert max(errors) <= any_error


@pytest.mark.parametrize("name", ["pimsimulator_host.csv", "pimsimulator_host_more.csv"])
def test_host_transfers_take_what_pimsimulator_measures(reference_rows, name):
    memory = load_timing_set("hbm2")
    errors = []
    for row in reference_rows(name):
        refresh = Refresh.ALL_BANK if row["refresh"] == "on" else Refresh.NONE
        cycles = transfer_cycles(
            memory.timing,
            replace(memory.organisation, refresh=refresh),
            int(row["read_bytes_per_channel"]),
            int(row["written_bytes_per_channel"]),
        )
        errors.append(abs(cycles / int(row["cycles"]) - 1))
    assert mean(errors) <= 0.002
    assert max(errors) <= 0.01
