"""The preset of a GPU that people own, laid out from its row of the table of devices."""

import re
from typing import Any

from ahasd.hardware.preset.owned.constant import constant, ours, usual
from ahasd.hardware.preset.owned.measured_pass import Reached
from ahasd.hardware.preset.owned.owned_processor import OwnedGpu
from ahasd.hardware.preset.owned.power import powers
from ahasd.hardware.preset.owned.usual_shares import (
    operations_reached_by,
    reached_by,
    speeds_of,
    usual_operations,
    usual_reached,
)

#: Memory of a kind of device of which none is published, in GiB (ours).
_USUAL_GIB = {"phone": 12, "laptop": 32, "mac": 16, "edge": 16}
#: Share of a memory that CPU and GPU have together which models do not get: macOS gives a GPU about three quarters,
#: Android kills what takes more than about half (ours).
_RESERVED = {"mac": 0.25, "laptop": 0.25, "edge": 0.25, "phone": 0.5}
#: On-chip cache in 10^6 bytes, by kind (ours): larger activations, those of long prompts, go through the memory.
_CACHE_MB = {"gpu": 32.0, "laptop gpu": 24.0, "mac": 16.0, "edge": 4.0, "laptop": 8.0, "phone": 4.0}


def gpu_document(gpu: OwnedGpu) -> dict[str, Any]:
    """Sections that differ from those that all GPUs have (``_gpu.yaml``)."""
    known, kind = gpu.known, gpu.known.kind
    memory, reserved = _memory(gpu)
    section = {
        "memory_gib": memory,
        "reserved_gib": reserved,
        "gb_per_second": constant(
            gpu.peak / 1e9,
            known.source,
            known.is_recalled or re.search(r"\bbandwidth", known.unverified) is not None,
        ),
        **_bandwidth(gpu),
        **_arithmetic(gpu),
        "backend": constant(
            gpu.backend, "the program that speeds of this make are published of; see gpu.width"
        ),
        "l2_mb": ours(_CACHE_MB[kind], f"for every {kind}"),
        "pcie_gb_per_second": ours(25.0, "PCIe 4.0, 16 lanes, less its headers, for every card")
        if gpu.discrete
        else constant(0.0, "CPU and GPU have one memory: there is nowhere to offload to"),
        **powers(known.power_w, known.source, known.is_recalled or "tdp" in known.unverified),
    }
    return {"description": f"{gpu.title}: {_described(gpu)}", "gpu": section}


def _described(gpu: OwnedGpu) -> str:
    share = (reached_by(gpu) or _usual(gpu)).share
    return f"GPU, reaches {share:.0%} of {gpu.peak / 1e9:g} GB/s" + (
        "" if reached_by(gpu) else " (as its kind does)"
    )


def _usual(gpu: OwnedGpu) -> Reached:
    share, launch = usual_reached(gpu.memory_family)
    return Reached(share.value, launch.value)


def _bandwidth(gpu: OwnedGpu) -> dict[str, Any]:
    found, writing = reached_by(gpu), speeds_of(gpu).writing
    if found is None:
        share, launch = usual_reached(gpu.memory_family)
        said = f"the median of {share.devices} {gpu.memory_family} whose speed is published"
        return {
            "bandwidth_efficiency": usual(round(share.value, 4), said),
            "graph_launch_us": usual(round(launch.value, 3), said),
        }
    figure = (
        f"Llama-2-7B Q4_0 at {writing:g} tokens/s"
        if writing
        else f"{(gpu.known.achieved_bandwidth or 0) / 1e9:g} GB/s measured"
    )
    source = f"{figure} ({gpu.known.source})"
    return {
        "bandwidth_efficiency": constant(round(found.share, 6), source),
        "graph_launch_us": constant(
            round(found.launch_us, 4),
            f"the part of that time that does not grow with bytes, over its kernels: {source}",
        ),
    }


def _arithmetic(gpu: OwnedGpu) -> dict[str, Any]:
    """Rates as prompts reach them, so that no share is taken off them again."""
    known, prompt = gpu.known, speeds_of(gpu).prompt
    operations = operations_reached_by(gpu)
    if operations is not None:
        rate = constant(
            round(operations / 1e12, 3),
            f"reached, not the peak: prompts of Llama-2-7B Q4_0 at {prompt:g} tokens/s ({known.source})",
        )
    else:
        over_vector = usual_operations(gpu.arithmetic_family, "vector") if known.vector_rate else None
        found = over_vector or usual_operations(gpu.arithmetic_family, "byte")
        assert found is not None, "some device of every family has published prompts"
        base = known.vector_rate if over_vector and known.vector_rate else gpu.peak
        per = "FP32 rate" if over_vector else "byte of peak bandwidth"
        rate = usual(
            round(found.value * base / 1e12, 3),
            f"reached by prompts, {found.value:.3g} operations for its {per}: the median of {found.devices} "
            f"{gpu.arithmetic_family}",
        )
    vector = (
        constant(
            known.vector_rate / 1e12, known.source, known.is_recalled or "vector_tflops" in known.unverified
        )
        if known.vector_rate
        else ours(rate["value"], "FP32 on ordinary cores, taken as what prompts reach")
    )
    return {
        "fp16_tflops": rate,
        "int8_tops": rate,
        "gemm_efficiency": constant(1.0, "gpu.fp16_tflops is what is reached"),
        "vector_tflops": vector,
    }


def _memory(gpu: OwnedGpu) -> tuple[dict[str, Any], dict[str, Any]]:
    known, kind = gpu.known, gpu.known.kind
    if known.capacities:
        size = max(known.capacities) / 1e9
        unread = known.is_recalled or re.search(r"\b(capacity|memory)\b", known.unverified) is not None
        memory = constant(size, f"the most that it is sold with ({known.source})", unread)
    else:
        size = float(_USUAL_GIB[kind])
        memory = ours(size, f"for every {kind}; of this one none is published")
    share = _RESERVED.get(kind)
    if share is None:
        return memory, ours(1.0, "context, workspaces, logits, display")
    return memory, ours(round(share * size, 3), f"{share:.0%} for the system and its other programs")
