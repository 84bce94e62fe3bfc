"""AHASD against SpecPIM as its evaluation rebuilds it."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import MODULE_AXIS, READING_AXIS, combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.measuring.roles import in_memory, on_specpim
from ahasd.claims.verdict import around

GROUP = "AHASD against SpecPIM"
_SOURCE = "AHASD (arXiv 2604.25326), results against SpecPIM (up to)"


def claims() -> list[Claim]:
    """The two peaks."""
    others = combinations(Condition(), READING_AXIS, MODULE_AXIS)
    return [
        Claim(
            "ahasd-specpim-throughput-peak",
            GROUP,
            _SOURCE,
            "largest throughput of AHASD",
            "1.5x",
            around(1.5),
            Ratio(speed, in_memory("ahasd"), on_specpim, over="peak"),
            alternatives=others,
            parameters=("reading", "acceptance", "auc"),
        ),
        Claim(
            "ahasd-specpim-energy-peak",
            GROUP,
            _SOURCE,
            "largest energy efficiency of AHASD",
            "1.24x",
            around(1.24),
            Ratio(energy, in_memory("ahasd"), on_specpim, inverse=True, over="peak"),
            alternatives=others,
            parameters=("offchip", "reading", "acceptance", "auc"),
        ),
    ]
