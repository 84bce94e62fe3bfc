"""Build the model of a device: the first-order one or the detailed one."""

from functools import lru_cache

from ahasd.hardware.dram.refresh import effective_memory
from ahasd.hardware.dram.streams.rates import peak_bytes_per_second, streaming_bytes_per_second
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.npu.blocked_npu import BlockedNpu
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.npu.onnxim_npu import OnnximNpu
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.precision import Precision

#: Devices of each kind that are kept, since equal ones cost the same and know already what: those of all systems that
#: a comparison runs with one pair (ours).
KEPT = 16


@lru_cache(maxsize=KEPT)
def build_npu(hardware: Hardware, channels: int, precision: Precision, fidelity: Fidelity) -> Npu:
    """Build an NPU that streams from so many channels.

    Raises
    ------
    UnknownNameError
        The preset names a timing set that there is not.
    AhasdError
        ``npu.tiling`` is ``onnxim``, and its rule does not cut products for this array.
    """
    if fidelity is Fidelity.FIRST_ORDER:
        return Npu(hardware, channels, precision)
    timing = effective_memory(hardware).timing
    first_access = timing.tRCDRD + timing.RL + timing.burst_cycles
    model = OnnximNpu if hardware.require_npu().tiling == "onnxim" else BlockedNpu
    return model(
        hardware,
        channels,
        precision,
        _channel_bytes_per_second(hardware),
        first_access * timing.tCK_ns * 1e-9,
    )


@lru_cache(maxsize=KEPT)
def build_gpu(hardware: Hardware, name: str, precision: Precision, offloaded_share: float = 0.0) -> Gpu:
    """Build the GPU ``gpu`` or ``gpu2``; it has one model.

    Raises
    ------
    AhasdError
        The machine does not have it.
    """
    return Gpu(hardware.require_gpu(name), precision, name, offloaded_share)


@lru_cache(maxsize=KEPT)
def build_pim(hardware: Hardware, ranks: RankSet, aau: bool, precision: Precision, fidelity: Fidelity) -> Pim:
    """Build a PIM out of ranks.

    Raises
    ------
    AhasdError
        The memory does not compute, its ranks have no AAU and one is asked for, or the preset names a timing set that
        there is not.
    """
    if fidelity is Fidelity.FIRST_ORDER:
        return Pim(hardware, ranks, aau, precision)
    memory = effective_memory(hardware)
    rate = _channel_bytes_per_second(hardware)
    return CommandPim(
        hardware,
        ranks,
        aau,
        memory.timing,
        precision,
        memory.organisation,
        channel_bytes_per_second=rate,
    )


def _channel_bytes_per_second(hardware: Hardware) -> float:
    """What a long stream gets from a channel: the share of the peak is the timing set's, the peak the preset's."""
    memory = effective_memory(hardware)
    reached = streaming_bytes_per_second(memory.timing, memory.organisation)
    share = reached / peak_bytes_per_second(memory.timing, memory.organisation)
    return share * hardware.require_memory().channel_gb_per_second * 1e9
