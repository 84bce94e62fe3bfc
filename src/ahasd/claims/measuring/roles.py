"""Who is measured: a system on the hardware that a condition gives it."""

from collections.abc import Callable
from typing import Any

from ahasd.claims.condition import Condition, Gpu
from ahasd.speculation.drafting.specification import parse_algorithm

#: (condition, pair, algorithm) -> a configuration without tokens and seed.
Role = Callable[[Condition, str, str], dict[str, Any]]

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


def in_memory(system: str | dict[str, Any]) -> Role:
    """A system on the NPU + LPDDR5-PIM platform."""

    def asked(condition: Condition, pair: str, algorithm: str) -> dict[str, Any]:
        return _with(condition, pair, algorithm, system, condition.reading, condition.set)

    return asked


def on_lpddr5(condition: Condition, pair: str, algorithm: str) -> dict[str, Any]:
    """Draft and target in turn on the NPU, from LPDDR5 that does not compute."""
    constants = tuple(text for text in condition.set if text.startswith(_OF_LPDDR5))
    return _with(condition, pair, algorithm, "npu", "lpddr5", constants)


def on_gpu(condition: Condition, pair: str, algorithm: str) -> dict[str, Any]:
    """Draft and target in turn on the GPU baseline; layers that do not fit are offloaded."""
    gpu = condition.gpu
    asked = _with(condition, pair, algorithm, "gpu", gpu.preset, ("gpu.offload=true", *gpu.set))
    return asked | _bits(gpu)


def on_specpim(condition: Condition, pair: str, algorithm: str) -> dict[str, Any]:
    """SpecPIM as AHASD's evaluation rebuilds it."""
    return _with(condition, pair, algorithm, "specpim", condition.memory, ())


def on_specpim_machine(system: str) -> Role:
    """A system on SpecPIM's rebuilt machine: itself, or its GPUs alone, which hold nothing in what computes."""

    def asked(condition: Condition, pair: str, algorithm: str) -> dict[str, Any]:
        plain = _with(condition, pair, algorithm, system, condition.memory, ())
        return plain | _bits(condition.gpu)

    return asked


def on_two_gpus(system: str, algorithm: str, *options: str) -> Role:
    """A system of AMUSD's on two GPUs, which have an algorithm of their own."""

    def asked(condition: Condition, pair: str, _: str) -> dict[str, Any]:
        gpu = condition.gpu
        both = [f"{name}.{text}" for text in gpu.set for name in ("gpu", "gpu2")]
        plain = _with(condition, pair, algorithm, system, gpu.preset, (*options, *both))
        return plain | _bits(gpu)

    return asked


def _with(
    condition: Condition,
    pair: str,
    algorithm: str,
    system: str | dict[str, Any],
    hardware: str,
    constants: tuple[str, ...],
) -> dict[str, Any]:
    if condition.algorithm and algorithm != "none" and parse_algorithm(algorithm).algorithm.calibration:
        algorithm += condition.algorithm
    return {
        "system": system,
        "pair": pair,
        "algorithm": algorithm,
        "trace": condition.trace,
        "hardware": hardware,
        "set": constants,
    }


def _bits(gpu: Gpu) -> dict[str, Any]:
    return {"weight_bits": gpu.bits, "kv_bits": gpu.bits}
