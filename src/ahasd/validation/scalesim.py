"""Compute cycles of matrix products, measured with SCALE-Sim."""

from pathlib import Path

from ahasd.hardware.npu.systolic import Dataflow, systolic_cycles
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("array", "dataflow", "M", "N", "K", "compute_cycles")


class ScaleSim(Reference):
    """Predicted by the systolic array without overlap between folds."""

    def reads(self, name: str) -> bool:
        """``scalesim_gemm….csv``."""
        return name.startswith("scalesim_gemm") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every product."""
        comparisons = tuple(
            PredictedRow(as_pairs(row), "", row.number("compute_cycles"), predict(row))
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row) -> int:
    """Compute cycles of a row's product."""
    array = row.whole("array", 1)
    flow = row.choice("dataflow", [flow.value for flow in Dataflow])
    sizes = (row.whole("M", 1), row.whole("N", 1), row.whole("K", 1))
    return systolic_cycles(flow, array, array, *sizes)
