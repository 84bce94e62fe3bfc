"""SpecPIM's own figures, on a machine that is rebuilt from what is public."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Cell, Ratio
from ahasd.claims.measuring.quantities import Quantity, energy, speed
from ahasd.claims.specpim.condition import BITS_AXIS, MODULE_AXIS, SpecpimCondition, on_specpim_machine
from ahasd.claims.verdict import around

GROUP = "SpecPIM"
_SOURCE = "SpecPIM (ASPLOS 2024, doi 10.1145/3620666.3651352), geometric means"

#: FP16, in which HBM-PIM's units compute. The draft length is that of AHASD's evaluation; the pairs are ours, those
#: of AHASD's that fit beside each other in FP16.
_BASE = SpecpimCondition()
_CELLS: tuple[Cell, ...] = (("opt-1.3b:opt-6.7b", "fixed:8"), ("llama2-7b:llama2-13b", "fixed:8"))

_REBUILT = "its models, GPUs, unit counts and search are not public, so that no figure of ours can refute it"
_NO_REFERENCE = (
    "the accelerators that it is compared with are not named in what is public of it, nor is its own machine"
)


def claims() -> list[Claim[SpecpimCondition]]:
    """The four means: two over its own GPUs, which the machine has without what computes, two over others' PIM."""
    return [
        _over_gpus("specpim-speed-gpu", "speed-up", 1.52, speed),
        _untestable("specpim-speed-pim", "speed-up", 2.02),
        _over_gpus("specpim-energy-gpu", "energy efficiency", 6.67, energy),
        _untestable("specpim-energy-pim", "energy efficiency", 2.68),
    ]


def _over_gpus(
    name: str, what: str, published: float, quantity: Quantity[SpecpimCondition]
) -> Claim[SpecpimCondition]:
    ours, reference = on_specpim_machine("specpim"), on_specpim_machine("gpu")
    return Claim(
        name,
        GROUP,
        _SOURCE,
        f"{what} over speculative inference on GPUs",
        f"{published}x",
        around(published),
        Ratio(quantity, ours, reference, _CELLS, inverse=quantity is energy, over="geometric"),
        base=_BASE,
        alternatives=combinations(_BASE, MODULE_AXIS, BITS_AXIS),
        parameters=("acceptance",),
        unrefutable=_REBUILT,
    )


def _untestable(name: str, what: str, published: float) -> Claim[SpecpimCondition]:
    text = f"{what} over PIM-based accelerators of language models"
    return Claim(name, GROUP, _SOURCE, text, f"{published}x", untestable=_NO_REFERENCE)
