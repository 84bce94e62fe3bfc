"""Figures that the authors' public repository prints."""

from ahasd.claims.ahasd.axes import (
    HIGH_ACCEPTANCE_AXIS,
    IDEAL_AXIS,
    OFFCHIP_AXIS,
    READING_AXIS,
)
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.published import REPOSITORY, REPOSITORY_TOKENS_PER_MJ, REPOSITORY_TOKENS_PER_SECOND
from ahasd.claims.ahasd.roles import in_memory
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import energy, speed
from ahasd.claims.verdict import around

GROUP = "AHASD: public repository"
_CELL = (("llama2-7b:llama2-13b", "adaedl"),)


def claims() -> list[Claim[AhasdCondition]]:
    """Speed and energy of one configuration."""
    return [
        Claim(
            "ahasd-repository-speed",
            GROUP,
            REPOSITORY,
            "throughput of AHASD",
            f"{REPOSITORY_TOKENS_PER_SECOND} tokens/s",
            around(REPOSITORY_TOKENS_PER_SECOND),
            Ratio(speed, in_memory("ahasd"), cells=_CELL),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS, HIGH_ACCEPTANCE_AXIS, IDEAL_AXIS),
            parameters=("acceptance", "reading", "auc"),
            style="rate",
        ),
        Claim(
            "ahasd-repository-energy",
            GROUP,
            REPOSITORY,
            "tokens per joule of AHASD",
            f"{REPOSITORY_TOKENS_PER_MJ} tokens/mJ",
            around(REPOSITORY_TOKENS_PER_MJ * 1e3),
            Ratio(energy, in_memory("ahasd"), cells=_CELL, inverse=True),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS, HIGH_ACCEPTANCE_AXIS, OFFCHIP_AXIS),
            parameters=("offchip", "acceptance", "reading", "auc"),
            style="rate",
        ),
    ]
