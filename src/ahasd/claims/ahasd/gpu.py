"""AHASD against GPU-only speculative decoding."""

from ahasd.claims.ahasd.axes import GPU_AXIS, READING_AXIS
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.published import MOST_OVER_GPU, OVER_GPU
from ahasd.claims.ahasd.roles import in_memory, on_gpu
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.published import PublishedRatio
from ahasd.claims.verdict import around

GROUP = "AHASD against GPU-only"
_OTHERS = combinations(AS_RUN, READING_AXIS, GPU_AXIS)

#: The paper's steps: suffix of the id, and its name for it.
_STEPS = (
    ("async", "asynchronous NPU + PIM"),
    ("aau", "+AAU"),
    ("edc", "+EDC"),
    ("tvc", "+TVC, the whole of AHASD"),
)


def claims() -> list[Claim[AhasdCondition]]:
    """The means of the ablation and the peaks."""
    found = []
    for (suffix, step), published in zip(_STEPS, OVER_GPU, strict=True):
        found.append(_throughput(suffix, f"mean throughput of {step}", published))
        found.append(_energy(suffix, f"mean energy efficiency of {step}", published))
    found.append(_throughput("peak", "largest throughput of AHASD", MOST_OVER_GPU))
    found.append(_energy("peak", "largest energy efficiency of AHASD", MOST_OVER_GPU))
    return found


def _throughput(suffix: str, text: str, published: PublishedRatio) -> Claim[AhasdCondition]:
    return Claim(
        f"ahasd-gpu-throughput-{suffix}",
        GROUP,
        published.source,
        text,
        f"{published.throughput}x",
        around(published.throughput),
        Ratio(
            speed, in_memory(published.system), on_gpu, over="peak" if published is MOST_OVER_GPU else "mean"
        ),
        base=AS_RUN,
        alternatives=_OTHERS,
        parameters=("gpu", "reading", "acceptance", "auc"),
    )


def _energy(suffix: str, text: str, published: PublishedRatio) -> Claim[AhasdCondition]:
    efficiency = published.energy_efficiency
    assert efficiency is not None, "against the GPU the paper gives efficiencies"
    return Claim(
        f"ahasd-gpu-energy-{suffix}",
        GROUP,
        published.source,
        text,
        f"{efficiency}x",
        around(efficiency),
        Ratio(
            energy,
            in_memory(published.system),
            on_gpu,
            inverse=True,
            over="peak" if published is MOST_OVER_GPU else "mean",
        ),
        base=AS_RUN,
        alternatives=_OTHERS,
        parameters=("gpu", "offchip", "reading", "acceptance", "auc"),
    )
