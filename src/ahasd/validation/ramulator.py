"""Cycles of request streams on one channel, measured with Ramulator."""

from dataclasses import replace
from math import ceil
from pathlib import Path

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.playback import stream_cycles
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import TimingSet, load_timing_set
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("refresh", "organisation", "read_percent", "bursts_per_row_visit", "requests_32B", "cycles_CK")

#: Gbit of an LPDDR5 die -> duration in ns of an all-bank and of a per-bank refresh (JESD209-5B, table 235).
LPDDR5_REFRESH_NS = {2: (130, 60), 4: (180, 90), 8: (210, 120), 16: (280, 140), 32: (380, 190)}

#: Ramulator's other devices -> our timing sets.
TIMING_SETS = {"GDDR6_8Gb_x16": "gddr6"}
ORGANISATIONS = (*(f"LPDDR5_{density}Gb_x16" for density in LPDDR5_REFRESH_NS), *TIMING_SETS)
REFRESHES = {"NoRefresh": Refresh.NONE, "AllBank": Refresh.ALL_BANK, "PerBank": Refresh.PER_BANK}


class Ramulator(Reference):
    """Predicted by the DRAM request streams."""

    def reads(self, name: str) -> bool:
        """``ramulator_….csv``."""
        return name.startswith("ramulator_") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every stream."""
        comparisons = tuple(
            PredictedRow(as_pairs(row), "", row.number("cycles_CK"), predict(row))
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row) -> int:
    """Cycles of a row's stream."""
    memory = device(row.choice("organisation", ORGANISATIONS))
    refresh = REFRESHES[row.choice("refresh", list(REFRESHES))]
    percent = row.whole("read_percent")
    if percent > 100:
        raise row.fail("read_percent", f"{percent} is above 100")
    stream = RequestStream(row.whole("requests_32B", 1), percent / 100, row.whole("bursts_per_row_visit", 1))
    return stream_cycles(memory.timing, replace(memory.organisation, refresh=refresh), stream).cycles


def device(organisation: str) -> TimingSet:
    """The memory that Ramulator calls so; LPDDR5 dies differ in the duration of a refresh."""
    if organisation in TIMING_SETS:
        return load_timing_set(TIMING_SETS[organisation])
    density = int(organisation.removeprefix("LPDDR5_").removesuffix("Gb_x16"))
    memory = load_timing_set("lpddr5-6400-8gb")
    all_banks, one_bank = (ceil(ns / memory.timing.tCK_ns) for ns in LPDDR5_REFRESH_NS[density])
    return replace(memory, timing=replace(memory.timing, tRFC=all_banks, tRFCpb=one_bank))
