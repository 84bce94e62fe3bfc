"""AHASD against SpecPIM as its evaluation rebuilds it."""

from ahasd.claims.ahasd.axes import MODULE_AXIS, READING_AXIS
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.published import MOST_OVER_SPECPIM
from ahasd.claims.ahasd.roles import in_memory, on_specpim
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.verdict import around

GROUP = "AHASD against SpecPIM"


def claims() -> list[Claim[AhasdCondition]]:
    """The two peaks."""
    throughput, efficiency = MOST_OVER_SPECPIM.throughput, MOST_OVER_SPECPIM.energy_efficiency
    assert efficiency is not None, "against SpecPIM the paper gives an efficiency"
    others = combinations(AS_RUN, READING_AXIS, MODULE_AXIS)
    return [
        Claim(
            "ahasd-specpim-throughput-peak",
            GROUP,
            MOST_OVER_SPECPIM.source,
            "largest throughput of AHASD",
            f"{throughput}x",
            around(throughput),
            Ratio(speed, in_memory("ahasd"), on_specpim, over="peak"),
            base=AS_RUN,
            alternatives=others,
            parameters=("reading", "acceptance", "auc"),
        ),
        Claim(
            "ahasd-specpim-energy-peak",
            GROUP,
            MOST_OVER_SPECPIM.source,
            "largest energy efficiency of AHASD",
            f"{efficiency}x",
            around(efficiency),
            Ratio(energy, in_memory("ahasd"), on_specpim, inverse=True, over="peak"),
            base=AS_RUN,
            alternatives=others,
            parameters=("offchip", "reading", "acceptance", "auc"),
        ),
    ]
