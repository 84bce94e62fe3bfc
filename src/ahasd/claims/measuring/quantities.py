"""What is measured of a run: a sum of amounts, some of which are components of the energy."""

from collections.abc import Callable

from ahasd.claims.ahasd.condition import AhasdCondition
from ahasd.claims.condition import RunCondition
from ahasd.claims.measuring.figures import Figures
from ahasd.claims.measuring.roles import RunConditionType
from ahasd.hardware.components import drawn_by

#: Amounts by name, whose sum is the quantity; names of energy components scale over the constants' ranges.
Quantity = Callable[[Figures, RunConditionType], dict[str, float]]


def speed(figures: Figures, _: RunCondition) -> dict[str, float]:
    """Tokens per second."""
    return {"speed": figures.tokens_per_second}


def energy(figures: Figures, _: RunCondition) -> dict[str, float]:
    """Joules per token."""
    return figures.joules


def memory_power(figures: Figures, _: RunCondition) -> dict[str, float]:
    """Watts of the memory module, its compute units included."""
    return _power(figures, "memory", "pim")


def npu_power(figures: Figures, _: RunCondition) -> dict[str, float]:
    """Watts of the NPU."""
    return _power(figures, "npu")


def acceptance(figures: Figures, condition: AhasdCondition) -> dict[str, float]:
    """Acceptance rate, counted as the condition says."""
    return {"acceptance": figures.acceptance[condition.counting]}


def pim_share(figures: Figures, _: RunCondition) -> dict[str, float]:
    """The PIM's share of the time in which PIM or NPU work, one at a time."""
    pim, npu = figures.busy["pim"], figures.busy["npu"]
    return {"share": pim / (pim + npu)}


def _power(figures: Figures, *devices: str) -> dict[str, float]:
    components = drawn_by(devices)
    joules = {name: amount for name, amount in figures.joules.items() if name in components}
    return {name: amount * figures.tokens_per_second for name, amount in joules.items()}
