"""Published costs of a pass of several rows, on GPUs that people own."""

import re
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.hardware.gpu.width.backends import Backend, width_cost
from ahasd.validation.reference import FileReport, PredictedRow, Reference, as_pairs
from ahasd.validation.table import Row, read_table

COLUMNS = ("source", "device", "runtime", "model", "quant", "width_rows", "cost_relative_to_1_row", "notes")

#: A step of a built-in draft head, in passes of its model, for rows that time a whole round. At more than this, 9
#: rows of nibor1896/Crow would be cheaper than 7; a layer and the head of a 27B model are some 5 % of it.
DRAFT_STEP = 0.045

#: What a row's device and runtime say, in the order in which it is asked, and the backend that they mean; None is no
#: GPU. Other programs' vector kernels on NVIDIA and AMD count as llama.cpp's.
_BACKENDS: tuple[tuple[str, Backend | None], ...] = (
    (r"\bcpu\b|npu", None),
    (r"mlx", "mlx"),
    (r"vulkan", "llama.cpp-vulkan"),
    (r"metal|apple|\bm[1-9]\b", "llama.cpp-metal"),
    (r"vllm|transformers|pytorch|hugging ?face", "pytorch"),
    (r"llama\.cpp 202[34]", "llama.cpp-cublas"),
    (
        r"cuda|rocm|\bhip\b|rtx|gtx|tesla|jetson|radeon|instinct|\b(?:gb|mi|[abhltv])\d{1,3}\b",
        "llama.cpp-cuda",
    ),
)


class VerifyWidth(Reference):
    """Predicted by the width cost of the row's backend.

    Rows of mixtures of experts are left out, since wider passes read more experts there; so are those of CPUs and
    NPUs, and those that state no cost.
    """

    def reads(self, name: str) -> bool:
        """``verify_width….csv``."""
        return name.startswith("verify_width") and name.endswith(".csv")

    def compare(self, path: Path) -> FileReport:
        """Predict every row of a dense model on a GPU that is wider than one."""
        found = [_predicted(row) for row in read_table(path, COLUMNS) if _comparable(row)]
        if not found:
            raise AhasdError(
                f"{path.name}: no row is of a dense model on a GPU, wider than one and with a cost"
            )
        free = tuple(PredictedRow(row.row, row.group, row.measured, 1.0) for row in found)
        return FileReport(
            path.name, "passes of one row", tuple(found), free, "a pass of any width as one of a row"
        )


def backend_of(row: Row) -> Backend | None:
    """The backend that a row's device and runtime mean; None for what is no GPU."""
    said = f"{row.texts['device']} {row.texts['runtime']}".lower()
    return next((backend for pattern, backend in _BACKENDS if re.search(pattern, said)), None)


def weight_bits(row: Row) -> int:
    """Width of a row's weights: 16 for half precision, 8 where the format says so, else 4."""
    quant = row.texts["quant"].lower()
    if re.search(r"f16|fp16|bf16", quant):
        return 16
    return 8 if re.search(r"q8|p8|w8|8-?bit|int8", quant) else 4


def _comparable(row: Row) -> bool:
    dense = not re.search(r"moe\b|-a\d+b\b", row.texts["model"].lower())
    wide = row.texts["width_rows"].isdigit() and row.whole("width_rows", 1) > 1
    return dense and wide and bool(row.texts["cost_relative_to_1_row"]) and backend_of(row) is not None


def _predicted(row: Row) -> PredictedRow:
    backend, rows = backend_of(row), row.whole("width_rows", 1)
    assert backend is not None, "asked before"
    drafts = (rows - 1) * DRAFT_STEP if "draft" in row.texts["notes"].lower() else 0.0
    predicted = width_cost(backend, weight_bits(row)).relative(rows) + drafts
    return PredictedRow(as_pairs(row), backend, row.number("cost_relative_to_1_row"), predicted)
