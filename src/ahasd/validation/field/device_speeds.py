"""Published speeds of a 7B on devices, from the peak of their memory alone."""

from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.platforms import platform_of
from ahasd.prediction.from_figures.target_alone import MEASURED_BYTES, typical_bandwidth
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("device", "class", "bandwidth_gb_s", "measured_7b_q4_0_tg_tok_s", "source")


class DeviceSpeeds(Reference):
    """Llama-2-7B in Q4_0, tokens per second, predicted as for a device of which only the peak is known.

    What the package knows of a device's achieved bandwidth comes from these very figures and is not used here: the
    error is that of the share of its peak that a usual device reaches.
    """

    def reads(self, name: str) -> bool:
        """``devices….csv``."""
        return name.startswith("devices") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every device with a peak and a speed."""
        rows = [row for row in read_table(path, COLUMNS) if _is_comparable(row)]
        if not rows:
            raise AhasdError(f"{path.name}: no device has both a peak bandwidth and a speed of a 7B")
        found = tuple(_predicted(row, typical=True) for row in rows)
        peak = tuple(_predicted(row, typical=False) for row in rows)
        return FileReport(path.name, "tokens per second", found, peak, "all of the peak")


def _is_comparable(row: Row) -> bool:
    return bool(row.texts["bandwidth_gb_s"] and row.texts["measured_7b_q4_0_tg_tok_s"])


def _predicted(row: Row, typical: bool) -> PredictedRow:
    peak = row.number("bandwidth_gb_s") * 1e9
    reached = typical_bandwidth(platform_of(row.texts["device"], "llama.cpp"), peak) if typical else peak
    measured = row.number("measured_7b_q4_0_tg_tok_s")
    return PredictedRow(as_pairs(row), row.texts["class"], measured, reached / MEASURED_BYTES)
