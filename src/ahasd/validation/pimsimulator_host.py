"""Cycles in which a host streams operands through HBM2, measured with PIMSimulator while its PIM is off."""

from dataclasses import replace
from pathlib import Path

from ahasd.hardware.dram.organisation import Refresh
from ahasd.hardware.dram.streams.transfer import transfer_cycles
from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table
from ahasd.validation.timing_sets import read_timings, timing_of

COLUMNS = ("case", "refresh", "read_bytes_per_channel", "written_bytes_per_channel", "cycles")

#: The device that rows without a ``timings`` column were measured on.
DEVICE = "hbm2"


class PimSimulatorHost(Reference):
    """Predicted by the DRAM request streams."""

    def reads(self, name: str) -> bool:
        """``pimsimulator_host….csv``."""
        return name.startswith("pimsimulator_host") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every transfer."""
        sets = read_timings(path.parent)
        comparisons = tuple(
            PredictedRow(as_pairs(row), "", row.number("cycles"), predict(row, sets))
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row, sets: dict[str, DramTiming]) -> int:
    """Cycles of a row's transfer; the folder's timing set goes before the package's own."""
    memory = load_timing_set(DEVICE)
    timing = timing_of(row, "timings", sets) if "timings" in row.texts else sets.get(DEVICE, memory.timing)
    refresh = Refresh.ALL_BANK if row.choice("refresh", ("on", "off")) == "on" else Refresh.NONE
    return transfer_cycles(
        timing,
        replace(memory.organisation, refresh=refresh),
        row.whole("read_bytes_per_channel"),
        row.whole("written_bytes_per_channel"),
    )
