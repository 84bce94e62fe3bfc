"""Published speeds of mixtures whose experts lie elsewhere: read and counted, not predicted."""

from pathlib import Path

from ahasd.validation.field.speculation import row_name
from ahasd.validation.reference import FileReport, Reference
from ahasd.validation.table import read_table

COLUMNS = ("source", "device_gpu", "model", "placement", "decode_tok_s")

#: Why no row has a prediction.
WHY = "expert offloading is not modelled"


class ExpertOffload(Reference):
    """Every row is listed as one that is not predicted here."""

    def reads(self, name: str) -> bool:
        """``moe_offload….csv``."""
        return name.startswith("moe_offload") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Name every row of a file, and why it has no prediction."""
        rows = read_table(path, COLUMNS)
        return FileReport(
            path.name, "tokens per second", (), unpredictable=tuple((row_name(row), WHY) for row in rows)
        )
