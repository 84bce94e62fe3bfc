"""Figures that the authors' public repository prints."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import (
    HIGH_ACCEPTANCE_AXIS,
    IDEAL_AXIS,
    OFFCHIP_AXIS,
    READING_AXIS,
    combinations,
)
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.measuring.roles import in_memory
from ahasd.claims.verdict import around

GROUP = "AHASD: public repository"
_SOURCE = "AHASD, public repository, example output for LLaMA2-7B -> 13B"
_CELL = (("llama2-7b:llama2-13b", "adaedl"),)


def claims() -> list[Claim]:
    """Speed and energy of one configuration."""
    base = Condition()
    return [
        Claim(
            "ahasd-repository-speed",
            GROUP,
            _SOURCE,
            "throughput of AHASD",
            "45.2 tokens/s",
            around(45.2),
            Ratio(speed, in_memory("ahasd"), cells=_CELL),
            alternatives=combinations(base, READING_AXIS, HIGH_ACCEPTANCE_AXIS, IDEAL_AXIS),
            parameters=("acceptance", "reading", "auc"),
            style="rate",
        ),
        Claim(
            "ahasd-repository-energy",
            GROUP,
            _SOURCE,
            "tokens per joule of AHASD",
            "0.193 tokens/mJ",
            around(193.0),
            Ratio(energy, in_memory("ahasd"), cells=_CELL, inverse=True),
            alternatives=combinations(base, READING_AXIS, HIGH_ACCEPTANCE_AXIS, OFFCHIP_AXIS),
            parameters=("offchip", "acceptance", "reading", "auc"),
            style="rate",
        ),
    ]
