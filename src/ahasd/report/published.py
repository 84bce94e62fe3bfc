"""Published ratios, to stand beside ours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedRatio:
    """Throughput and energy per token of a system over those of another, and where it is published."""

    throughput: float
    energy: float
    source: str


_AHASD_TABLE = "AHASD (arXiv 2604.25326), results against NPU + LPDDR5, mean over pairs and algorithms"

#: (system, reference system) -> what the paper gives. "NPU + LPDDR5-PIM" is read as plain asynchrony.
PUBLISHED: dict[tuple[str, str], PublishedRatio] = {
    ("npu-pim-async", "npu"): PublishedRatio(2.20, 0.64, _AHASD_TABLE),
    ("ahasd", "npu"): PublishedRatio(3.10, 0.48, _AHASD_TABLE),
}
