"""Devices of a system whose host and PIM run each pass together, operator by operator or product by product."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.channel.slowdown import ChannelSlowdown
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.mapping.map_operators import (
    Capacities,
    DesignPass,
    design_passes,
    in_memory,
    map_operators,
)
from ahasd.hardware.mapping.split_operators import Split, split_operators
from ahasd.hardware.placement.device_kinds import DeviceName
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.hardware import Hardware
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import OperatorKind
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class Together:
    """What host and PIM do together.

    Attributes
    ----------
    devices
        Of ``target`` and, where there is one, ``draft``.
    remark
        The mapping or the split, for the notes of a result.
    """

    devices: Mapping[str, Device]
    remark: str


@dataclass(frozen=True, slots=True)
class DesignPoint:
    """What a mapping or a split is designed for: drafts of a length, a context, and entries that caches hold."""

    draft_length: int
    context: int
    entries: int


def build_together(
    pair: DeviceName,
    hardware: Hardware,
    models: Mapping[str, ModelSpec],
    precision: Precision,
    point: DesignPoint,
    fidelity: Fidelity,
    aau: bool,
    shared_channel: ChannelSlowdown | None = None,
) -> Together:
    """Design the devices of ``target`` and ``draft``, both of which run on host and PIM together.

    Parameters
    ----------
    pair
        ``npu+pim`` or ``gpu+pim``.
    hardware
        The machine.
    models
        ``target`` and, where there is one, ``draft``.
    precision
        Widths of weights, cache and activations.
    point
        What they are designed for.
    fidelity
        Which device models.
    aau
        Whether vector work is done in the ranks too.
    shared_channel
        With it every product is split between both sides, which work at once on its channels; without, each operator
        runs on one of them.

    Raises
    ------
    AhasdError
        The models do not fit, or the hardware lacks a device.
    """
    memory = hardware.require_memory()
    ranks = RankSet(memory.channels, 0, memory.ranks_per_channel)
    passes = design_passes(
        models["target"], models.get("draft"), point.draft_length, point.context, point.entries
    )
    if shared_channel is not None:
        split = split_operators(
            passes,
            memory,
            build_npu(hardware, ranks.channels, precision, fidelity),
            lambda of_pim: build_pim(hardware, of_pim, aau, precision, fidelity),
            shared_channel,
            precision,
        )
        return Together(dict(zip(models, split.devices, strict=True)), _split_text(passes, split, precision))
    pim = build_pim(hardware, ranks, aau, precision, fidelity)
    host: Device
    launch_s = 0.0
    if pair == "gpu+pim":
        host = build_gpu(hardware, "gpu", precision)
        gpu = hardware.require_gpu()
        # A kernel of the GPU issues the commands of a product in memory, as Samsung's HBM-PIM is driven.
        launch_s = (gpu.graph_launch_us if gpu.graphs else gpu.launch_us) * 1e-6
        own = Capacities(gpu.available_bytes, ranks.count * memory.rank_capacity_bytes)
    else:
        host = build_npu(hardware, ranks.channels, precision, fidelity)
        own = Capacities()
    mapped = map_operators(passes, host, pim, hardware, precision, own, launch_s)
    parts = [
        f"{name}: {', '.join(in_memory(device, design.operators(precision))) or 'nothing'}"
        for name, design, device in zip(models, passes, mapped, strict=True)
    ]
    remark = f"mapped to the PIM for {_design_point(passes)}: {'; '.join(parts)}"
    return Together(dict(zip(models, mapped, strict=True)), remark)


def _split_text(passes: list[DesignPass], split: Split, precision: Precision) -> str:
    parts = []
    for name, design, device in zip(("target", "draft"), passes, split.devices, strict=False):
        products = [o for o in design.operators(precision) if o.kind is OperatorKind.MATMUL]
        weights = sum(o.weight_bytes for o in products)
        of_host = sum(o.weight_bytes * device.shares[o.name] for o in products)
        parts.append(f"{of_host / weights:.0%} of the {name}'s weights")
    ranks = split.host_ranks.per_channel
    return (
        f"split for {_design_point(passes)}: the host computes {' and '.join(parts)}, from {ranks} "
        f"rank{'s' if ranks > 1 else ''} of each channel"
    )


def _design_point(passes: list[DesignPass]) -> str:
    if len(passes) == 1:
        return f"decoding at context {passes[0].context}"
    return f"drafts of {passes[1].times} at context {passes[0].context}"
