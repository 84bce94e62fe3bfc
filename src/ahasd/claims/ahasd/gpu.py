"""AHASD against GPU-only speculative decoding."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import GPU_AXIS, READING_AXIS, combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.measuring.roles import in_memory, on_gpu
from ahasd.claims.verdict import around

GROUP = "AHASD against GPU-only"
_SOURCE = "AHASD (arXiv 2604.25326), results against GPU-only"
_OTHERS = combinations(Condition(), READING_AXIS, GPU_AXIS)

#: (suffix, system, the paper's step, throughput, energy efficiency)
_STEPS = (
    ("async", "npu-pim-async", "asynchronous NPU + PIM", 2.2, 1.9),
    ("aau", "npu-pim-async+aau", "+AAU", 2.7, 2.6),
    ("edc", "npu-pim-async+aau+edc", "+EDC", 3.4, 4.5),
    ("tvc", "ahasd", "+TVC, the whole of AHASD", 3.8, 5.2),
)


def claims() -> list[Claim]:
    """The means of the ablation and the peaks."""
    found = []
    for suffix, system, step, throughput, efficiency in _STEPS:
        found.append(_throughput(suffix, system, f"mean throughput of {step}", throughput))
        found.append(_energy(suffix, system, f"mean energy efficiency of {step}", efficiency))
    found.append(_throughput("peak", "ahasd", "largest throughput of AHASD", 4.2))
    found.append(_energy("peak", "ahasd", "largest energy efficiency of AHASD", 5.6))
    return found


def _throughput(suffix: str, system: str, text: str, published: float) -> Claim:
    return Claim(
        f"ahasd-gpu-throughput-{suffix}",
        GROUP,
        _SOURCE,
        text,
        f"{published}x",
        around(published),
        Ratio(speed, in_memory(system), on_gpu, over="peak" if suffix == "peak" else "mean"),
        alternatives=_OTHERS,
        parameters=("gpu", "reading", "acceptance", "auc"),
    )


def _energy(suffix: str, system: str, text: str, published: float) -> Claim:
    return Claim(
        f"ahasd-gpu-energy-{suffix}",
        GROUP,
        _SOURCE,
        text,
        f"{published}x",
        around(published),
        Ratio(energy, in_memory(system), on_gpu, inverse=True, over="peak" if suffix == "peak" else "mean"),
        alternatives=_OTHERS,
        parameters=("gpu", "offchip", "reading", "acceptance", "auc"),
    )
