"""How long a pass takes at least, before anything is modelled, and what makes one endless.

Detailed models walk through the commands of a pass, and schedules through the passes. A constant that is far too
small makes that endless; which one is told from the sizes of the models and the rates of the devices alone.
"""

from collections.abc import Iterator, Mapping

from ahasd.errors import AhasdError
from ahasd.hardware.placement.device_kinds import DeviceName, parts
from ahasd.hardware.preset.hardware import Hardware
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import weight_bytes
from ahasd.workload.precision import Precision

#: Seconds that a pass for one token takes at least and nobody waits for; on machines that are built it takes
#: milliseconds to some seconds. Ours.
ENDLESS_S = 100.0

#: Operators of a layer at least: four products of the attention and the feed-forward layers, two with the cache.
_OPERATORS = 6


def check_pass_times(
    devices: Mapping[str, DeviceName],
    models: Mapping[str, ModelSpec],
    hardware: Hardware,
    precision: Precision,
) -> None:
    """See that no pass of a model on its device is endless.

    Parameters
    ----------
    devices, models
        By role: ``target``, and ``draft`` where there is one.

    Raises
    ------
    AhasdError
        One is; the message says how long it takes, and which constant makes it so.
    """
    for role, spec in models.items():
        # Of a host and the PIM together, the faster one does the work.
        slowest = [max(_seconds(hardware, part, spec, precision)) for part in parts(devices[role])]
        seconds, figure = min(slowest)
        if seconds > ENDLESS_S:
            raise AhasdError(
                f"one token of the {role} {spec.name} would take {seconds:.3g} s on the {devices[role]}: {figure} "
                f"makes it so; beyond {ENDLESS_S:.0f} s nothing is modelled"
            )


def _seconds(
    hardware: Hardware, device: DeviceName, spec: ModelSpec, precision: Precision
) -> Iterator[tuple[float, str]]:
    """Seconds of a pass for one token by each limit alone, and the constant that sets it."""
    # Of a mixture of experts, a token reads a part.
    macs, launches = spec.active_parameters, _OPERATORS * spec.layers
    size = weight_bytes(spec, precision) * macs // spec.parameters
    if device == "pim":
        pim, energy = hardware.require_pim(), hardware.require_energy()
        yield size / (pim.gb_per_second * 1e9), f"pim.gb_per_second={pim.gb_per_second:g}"
        yield macs / (pim.gmac_per_second * 1e9), f"pim.gmac_per_second={pim.gmac_per_second:g}"
        yield launches * pim.launch_us * 1e-6, f"pim.launch_us={pim.launch_us:g}"
        joules = (8 * size * energy.pim_array_pj_per_bit + macs * energy.pim_mac_pj) * 1e-12
        yield (
            joules / pim.power_cap_w,
            f"{joules:.3g} J (energy.pim_array_pj_per_bit={energy.pim_array_pj_per_bit:g}, "
            f"energy.pim_mac_pj={energy.pim_mac_pj:g}) at pim.power_cap_w={pim.power_cap_w:g}",
        )
    elif device == "npu":
        npu, memory = hardware.require_npu(), hardware.require_memory()
        rate = memory.channels * memory.channel_bytes_per_second
        yield (
            size / (rate * npu.bandwidth_efficiency),
            f"memory.channel_gb_per_second={memory.channel_gb_per_second:g}",
        )
        products = (
            npu.chips * npu.array_rows * npu.array_columns * npu.clock_ghz * 1e9 * npu.compute_efficiency
        )
        yield macs / products, f"npu.clock_ghz={npu.clock_ghz:g}"
        yield launches * npu.launch_us * 1e-6, f"npu.launch_us={npu.launch_us:g}"
    else:
        gpu = hardware.require_gpu(device)
        rate = gpu.gb_per_second * 1e9 * gpu.bandwidth_efficiency
        yield size / rate, f"{device}.gb_per_second={gpu.gb_per_second:g}"
        peak = min(gpu.fp16_tflops, gpu.int8_tops) * gpu.gemm_efficiency * 1e12
        yield 2 * macs / peak, f"{device}.fp16_tflops={gpu.fp16_tflops:g} or int8_tops={gpu.int8_tops:g}"
        launch = gpu.graph_launch_us if gpu.graphs else gpu.launch_us
        yield launches * launch * 1e-6, f"{device}.launch_us={gpu.launch_us:g} or graph_launch_us"
