"""AHASD and plain asynchrony against an NPU with LPDDR5 that does not compute."""

from ahasd.claims.ahasd.axes import (
    HIGH_ACCEPTANCE_AXIS,
    IDEAL_AXIS,
    LENGTH_AXIS,
    OFFCHIP_AXIS,
    READING_AXIS,
)
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.published import AGAINST_NPU, OVER_NPU, POWER_OVER_NPU
from ahasd.claims.ahasd.roles import in_memory, on_lpddr5
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import Quantity, energy, memory_power, npu_power, speed
from ahasd.claims.verdict import around

GROUP = "AHASD against NPU + LPDDR5"
_SPEED = (
    *combinations(AS_RUN, READING_AXIS, LENGTH_AXIS),
    *combinations(AS_RUN, READING_AXIS, HIGH_ACCEPTANCE_AXIS[1:]),
    *combinations(AS_RUN, IDEAL_AXIS),
)
_ENERGY = (*combinations(AS_RUN, READING_AXIS, OFFCHIP_AXIS), *combinations(AS_RUN, LENGTH_AXIS))

#: Suffix of the id and the paper's name, by system.
_ROWS = {
    "npu-pim-async": ("async", "NPU + LPDDR5-PIM, read as plain asynchrony"),
    "ahasd": ("ahasd", "AHASD"),
}


def claims() -> list[Claim[AhasdCondition]]:
    """Both rows of the table."""
    found = []
    for row in OVER_NPU:
        suffix, title = _ROWS[row.system]
        memory, npu = POWER_OVER_NPU[row.system]
        found += [
            _claim("throughput", suffix, row.system, f"throughput of {title}", speed, row.throughput),
            _claim("energy", suffix, row.system, f"energy per token of {title}", energy, row.energy),
            _claim(
                "lpddr5-power", suffix, row.system, f"power of the LPDDR5 of {title}", memory_power, memory
            ),
            _claim("npu-power", suffix, row.system, f"power of the NPU of {title}", npu_power, npu),
        ]
    return found


def _claim(
    kind: str, suffix: str, system: str, text: str, quantity: Quantity[AhasdCondition], published: float
) -> Claim[AhasdCondition]:
    of_speed = kind == "throughput"
    return Claim(
        f"ahasd-npu-{kind}-{suffix}",
        GROUP,
        AGAINST_NPU,
        f"mean {text}",
        f"{published:.2f}x",
        around(published),
        Ratio(quantity, in_memory(system), on_lpddr5),
        base=AS_RUN,
        alternatives=_SPEED if of_speed else _ENERGY,
        parameters=("reading", "acceptance", "auc")
        if of_speed
        else ("offchip", "reading", "acceptance", "auc"),
    )
