"""Cycles of matrix products on an NPU with its memory, measured with ONNXim."""

from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.hardware.npu.systolic import gemm, machine
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("config", "M", "N", "K", "cycles")


class Onnxim(Reference):
    """Predicted by the NPU core with double buffers and DRAM."""

    def reads(self, name: str) -> bool:
        """``onnxim_gemm….csv``."""
        return name.startswith("onnxim_gemm") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every product."""
        comparisons = tuple(
            PredictedRow(as_pairs(row), "", row.number("cycles"), predict(row))
            for row in read_table(path, COLUMNS)
        )
        return FileReport(path.name, "cycles", comparisons)


def predict(row: Row) -> int:
    """Cycles of a row's product on the machine that it names."""
    try:
        measured = machine(row.texts["config"])
    except AhasdError as error:
        raise row.fail("config", str(error)) from error
    return gemm(measured.npu, measured.port, row.whole("M", 1), row.whole("N", 1), row.whole("K", 1)).cycles
