"""Published speeds of mixtures whose experts lie elsewhere, from figures alone."""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from ahasd.prediction.expert_plan.placements import Placement
from ahasd.validation.field.offload_row import NotSaidError, place_row
from ahasd.validation.field.speculation import row_name
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import read_table

COLUMNS = (
    *(
        "source",
        "device_gpu",
        "cpu",
        "ssd",
        "runtime",
        "model",
        "quant",
        "file_gb",
        "placement",
        "decode_tok_s",
    ),
)


@dataclass(frozen=True, slots=True)
class OffloadReport(FileReport):
    """Rows that say where experts lie and how fast the memory there is.

    Attributes
    ----------
    placements
        What was predicted, row by row.
    """

    placements: tuple[Placement, ...] = ()

    @property
    def coverage(self) -> float | None:
        """Share of rows inside the interval."""
        pairs = zip(self.placements, self.comparisons, strict=True)
        inside = [one.low <= row.measured <= one.high for one, row in pairs]
        return fmean(inside) if inside else None

    @property
    def median_error(self) -> float | None:
        """Median absolute relative error, a fraction."""
        return median(abs(row.error) for row in self.comparisons) if self.comparisons else None


class ExpertOffload(Reference):
    """Predicted as `ahasd moe plan` does, from device, host memory, storage and placement."""

    def reads(self, name: str) -> bool:
        """``moe_offload….csv``."""
        return name.startswith("moe_offload") and name.endswith(".csv")

    def compare(self, path: Path) -> OffloadReport:
        """Predict every row that says enough, and name what the others lack."""
        found, placements, others = [], [], []
        for row in read_table(path, COLUMNS):
            try:
                predicted = place_row(row)
            except NotSaidError as lack:
                others.append((row_name(row), str(lack)))
                continue
            placements.append(predicted)
            measured = row.number("decode_tok_s")
            found.append(PredictedRow(as_pairs(row), "", measured, predicted.tokens_per_second))
        return OffloadReport(
            path.name,
            "tokens per second",
            tuple(found),
            unpredictable=tuple(others),
            placements=tuple(placements),
        )
