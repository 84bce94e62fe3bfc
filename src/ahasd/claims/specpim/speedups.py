"""SpecPIM's own figures, by a search like its own over machines that are rebuilt from what is public."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.specpim.condition import (
    DRAFTS_AXIS,
    MEMORY_AXIS,
    OBJECTIVE_AXIS,
    SETTING_AXIS,
    SpecpimCondition,
)
from ahasd.claims.specpim.over_reference import OverReference
from ahasd.claims.verdict import around

GROUP = "SpecPIM"
_SOURCE = "SpecPIM (ASPLOS 2024, doi 10.1145/3620666.3651352), geometric means"

_BASE = SpecpimCondition()

_REBUILT = (
    "its models, scenarios, GPUs, unit counts and references are not public: no figure of ours can refute it"
)


def claims() -> list[Claim[SpecpimCondition]]:
    """The four means: over GPUs, and over accelerators that are memory alone (ours: two that are described)."""
    return [
        _over("specpim-speed-gpu", 1.52, OverReference(energy=False, pim=False)),
        _over("specpim-speed-pim", 2.02, OverReference(energy=False, pim=True)),
        _over("specpim-energy-gpu", 6.67, OverReference(energy=True, pim=False)),
        _over("specpim-energy-pim", 2.68, OverReference(energy=True, pim=True)),
    ]


def _over(name: str, published: float, measurement: OverReference) -> Claim[SpecpimCondition]:
    what = "energy efficiency" if measurement.energy else "speed-up"
    whom = "PIM-based accelerators of language models" if measurement.pim else "speculative inference on GPUs"
    axes = (OBJECTIVE_AXIS, SETTING_AXIS, *((MEMORY_AXIS, DRAFTS_AXIS) if measurement.pim else ()))
    return Claim(
        name,
        GROUP,
        _SOURCE,
        f"{what} over {whom}",
        f"{published}x",
        around(published),
        measurement,
        base=_BASE,
        alternatives=combinations(_BASE, *axes),
        quick=True,
        unrefutable=_REBUILT,
    )
