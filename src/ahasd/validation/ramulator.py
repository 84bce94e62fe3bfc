"""Cycles of request streams on one channel, measured with Ramulator."""

from dataclasses import replace
from pathlib import Path

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.playback import stream_cycles
from ahasd.hardware.dram.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.validation.reference import Comparison, FileReport, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("refresh", "organisation", "read_percent", "bursts_per_row_visit", "requests_32B", "cycles_CK")

#: Ramulator's names of a device -> ours.
TIMING_SETS = {
    "LPDDR5_8Gb_x16": "lpddr5-6400-8gb",
    "LPDDR5_16Gb_x16": "lpddr5-6400-16gb",
    "GDDR6_8Gb_x16": "gddr6",
}
REFRESHES = {"NoRefresh": Refresh.NONE, "AllBank": Refresh.ALL_BANK, "PerBank": Refresh.PER_BANK}


class Ramulator(Reference):
    """Predicted by the DRAM request streams."""

    def reads(self, name: str) -> bool:
        """``ramulator_….csv``."""
        return name.startswith("ramulator_") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every stream."""
        comparisons = tuple(
            Comparison(as_pairs(row), "", row.number("cycles_CK"), predict(row))
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row) -> int:
    """Cycles of a row's stream."""
    memory = load_timing_set(TIMING_SETS[row.choice("organisation", list(TIMING_SETS))])
    refresh = REFRESHES[row.choice("refresh", list(REFRESHES))]
    percent = row.whole("read_percent")
    if percent > 100:
        raise row.fail("read_percent", f"{percent} is above 100")
    stream = RequestStream(row.whole("requests_32B", 1), percent / 100, row.whole("bursts_per_row_visit", 1))
    return stream_cycles(memory.timing, replace(memory.organisation, refresh=refresh), stream).cycles
