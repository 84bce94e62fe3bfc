"""Figures that the authors' public repository prints."""

from ahasd.validation.claims.claim import Claim
from ahasd.validation.claims.condition import Condition
from ahasd.validation.claims.conditions import (
    HIGH_ACCEPTANCE_AXIS,
    IDEAL_AXIS,
    OFFCHIP_AXIS,
    READING_AXIS,
    combinations,
)
from ahasd.validation.claims.measure import Ratio
from ahasd.validation.claims.quantities import energy, speed
from ahasd.validation.claims.roles import in_memory
from ahasd.validation.claims.verdict import around

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
