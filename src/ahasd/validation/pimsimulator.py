"""Cycles of operations in Samsung's HBM2-PIM, measured with PIMSimulator."""

from pathlib import Path

from ahasd.hardware.dram.timing import DramTiming
from ahasd.hardware.pim.commands import HBM2_PIM, ElementwiseOperation, elementwise_cycles, gemv_cycles
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table
from ahasd.validation.timing_sets import read_timings, timing_of

COLUMNS = ("timings", "op", "outputs", "inputs", "batch", "refresh", "cycles")


class PimSimulator(Reference):
    """Predicted by the PIM command model with the timing set of the row."""

    def reads(self, name: str) -> bool:
        """``pimsimulator_pim….csv``."""
        return name.startswith("pimsimulator_pim") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every operation."""
        sets = read_timings(path.parent)
        comparisons = tuple(
            PredictedRow(
                as_pairs(row),
                f"refresh {row.choice('refresh', ('on', 'off'))}",
                row.number("cycles"),
                predict(row, timing_of(row, "timings", sets)),
            )
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row, timing: DramTiming) -> int:
    """Cycles of a row's operation."""
    refresh = row.choice("refresh", ("on", "off")) == "on"
    operation = row.choice("op", ("gemv", *[operation.value for operation in ElementwiseOperation]))
    outputs = row.whole("outputs", 1)
    if operation == "gemv":
        return gemv_cycles(
            timing, HBM2_PIM, outputs, row.whole("inputs", 1), row.whole("batch", 1), refresh=refresh
        )
    length = outputs * row.whole("batch", 1)
    return elementwise_cycles(operation, timing, HBM2_PIM, length, refresh=refresh)
