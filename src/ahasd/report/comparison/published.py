"""Published ratios, to stand beside ours."""

from dataclasses import dataclass

from ahasd.systems.suites import PAIRS


@dataclass(frozen=True, slots=True)
class PublishedRatio:
    """Throughput and energy per token of a system over those of another, and where it is published."""

    throughput: float
    energy: float
    source: str


_AHASD_TABLE = "AHASD (arXiv 2604.25326), results against NPU + LPDDR5, mean over pairs and algorithms"
_AHASD_ABLATION = (
    "AHASD (arXiv 2604.25326), results against GPU-only, mean over pairs and algorithms; "
    "energy is the inverse of its energy efficiency"
)

#: The pairs whose mean the figures are.
_AHASD_PAIRS = frozenset(PAIRS)

#: (system, reference system) -> what the paper gives. "NPU + LPDDR5-PIM" is read as plain asynchrony.
_PUBLISHED: dict[tuple[str, str], PublishedRatio] = {
    ("npu-pim-async", "npu"): PublishedRatio(2.20, 0.64, _AHASD_TABLE),
    ("ahasd", "npu"): PublishedRatio(3.10, 0.48, _AHASD_TABLE),
    ("npu-pim-async", "gpu"): PublishedRatio(2.2, 1 / 1.9, _AHASD_ABLATION),
    ("npu-pim-async+aau", "gpu"): PublishedRatio(2.7, 1 / 2.6, _AHASD_ABLATION),
    ("npu-pim-async+aau+edc", "gpu"): PublishedRatio(3.4, 1 / 4.5, _AHASD_ABLATION),
    ("ahasd", "gpu"): PublishedRatio(3.8, 1 / 5.2, _AHASD_ABLATION),
}


def published_ratio(pair: str, system: str, reference: str, speculates: bool = True) -> PublishedRatio | None:
    """What a paper that ran this pair says of a system over another; None where it says nothing."""
    if not speculates:
        return None
    return _PUBLISHED.get((system, reference)) if pair in _AHASD_PAIRS else None
