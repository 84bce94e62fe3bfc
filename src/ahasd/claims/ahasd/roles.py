"""Who is measured in AHASD's evaluation."""

from typing import Any

from ahasd.claims.ahasd.condition import AhasdCondition
from ahasd.claims.measuring.roles import Role, asked

#: Sections of plain LPDDR5 and the NPU, whose constants a condition may change there too.
_OF_LPDDR5 = ("npu.", "memory.", "cpu.", "energy.")

#: Operator by operator as draft and target stand: the draft in memory, the target on the NPU, in turn (ours).
IN_TURN = {
    "name": "npu-pim-in-turn",
    "description": "draft in memory and target on the NPU, in turn",
    "schedule": "serial",
    "target_device": "npu",
    "draft_device": "pim",
}


def in_memory(system: str | dict[str, Any]) -> Role[AhasdCondition]:
    """A system on the NPU + LPDDR5-PIM platform."""

    def role(condition: AhasdCondition, pair: str, algorithm: str) -> dict[str, Any]:
        return asked(condition, pair, algorithm, system, condition.reading, condition.set)

    return role


def on_lpddr5(condition: AhasdCondition, pair: str, algorithm: str) -> dict[str, Any]:
    """Draft and target in turn on the NPU, from LPDDR5 that does not compute."""
    constants = tuple(text for text in condition.set if text.startswith(_OF_LPDDR5))
    return asked(condition, pair, algorithm, "npu", "lpddr5", constants)


def on_gpu(condition: AhasdCondition, pair: str, algorithm: str) -> dict[str, Any]:
    """Draft and target in turn on the GPU baseline; layers that do not fit are offloaded."""
    gpu = condition.gpu
    return asked(condition, pair, algorithm, "gpu", gpu.preset, ("gpu.offload=true", *gpu.set), gpu.bits)


def on_specpim(condition: AhasdCondition, pair: str, algorithm: str) -> dict[str, Any]:
    """SpecPIM as AHASD's evaluation rebuilds it."""
    return asked(condition, pair, algorithm, "specpim", condition.specpim_memory)
