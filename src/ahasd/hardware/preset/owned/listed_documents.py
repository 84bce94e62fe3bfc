"""The presets of NPUs and CPUs that people own, laid out from their rows."""

from typing import Any

from ahasd.hardware.measured.devices.known_device import known_devices
from ahasd.hardware.preset.owned.constant import ALL_IN_STATIC, constant, ours, usual
from ahasd.hardware.preset.owned.measured_pass import PASS_KERNELS
from ahasd.hardware.preset.owned.owned_processor import ListedProcessor
from ahasd.hardware.preset.owned.power import powers
from ahasd.hardware.preset.owned.usual_shares import usual_arithmetic, usual_share
from ahasd.hardware.preset.sections import EnergySection

#: Peak of one channel of a timing set, in 10^9 bytes per second: x16 at 8533 and 6400 MT/s.
CHANNELS_GB_S = {"lpddr5x-8533": 17.0667, "lpddr5-6400-16gb": 12.8}
#: Share of the peak that a long stream gets from such channels; the detailed costs play it.
STREAM_SHARE = 0.915
#: From one operator to the next on a CPU, in microseconds (ours: waking and joining some threads).
_CPU_LAUNCH_US = 1.0
#: Arrays that an NPU counts as, and their height and width (ours: real ones are not published). NPUs that write text
#: have kernels for single rows: passes of a few rows take no longer than one, which an array of 128 rows would be
#: bound by preloading (a pass of 17 rows takes 1.04 times one of a row on a Rebellions ATOM+).
_ARRAYS, _ROWS, _COLUMNS = 4, 8, 512


def cpu_document(cpu: ListedProcessor) -> dict[str, Any]:
    """A CPU as the roofline of a GPU, with kernels and launches of its own."""
    share, said = _share(cpu)
    size = cpu.number("capacity_gb") or 0.0
    rate = cpu.number("reached_gflops")
    source = cpu.row["source"]
    if rate is not None:
        operations = constant(rate / 1e3, f"reached, not the peak: prompts ({source})")
    else:
        found = usual_arithmetic("CPU")
        operations = usual(
            round(found.value * cpu.peak / 1e12, 4),
            f"reached by prompts, {found.value:.3g} operations for a byte of peak bandwidth: the median of "
            f"{found.devices} CPUs",
        )
    section = {
        "memory_gib": constant(
            size, f"the most that it is sold with ({source})", cpu.is_unread("capacity_gb")
        ),
        "reserved_gib": ours(round(0.25 * size, 3), "25% for the system and its other programs"),
        "gb_per_second": constant(
            cpu.peak / 1e9, _table_source(cpu, "peak_gb_s"), cpu.is_unread("peak_gb_s")
        ),
        "bandwidth_efficiency": share,
        "fp16_tflops": operations,
        "int8_tops": operations,
        "gemm_efficiency": constant(1.0, "gpu.fp16_tflops is what is reached"),
        "vector_tflops": operations,
        "l2_mb": ours(16.0, "for every CPU"),
        "backend": constant("llama.cpp-cpu", "what the speed was published of, or comes nearest to it"),
        "graph_launch_us": ours(_CPU_LAUNCH_US, "waking and joining some threads"),
        "pcie_gb_per_second": constant(0.0, "the memory is the CPU's"),
        **powers(cpu.row["power_w"], source, cpu.is_unread("power_w")),
    }
    return {"description": f"{cpu.title}: costed as a GPU's roofline, {said}", "gpu": section}


def npu_document(npu: ListedProcessor) -> dict[str, Any]:
    """An NPU: arrays with the published peak, on a memory of the published bandwidth; it reaches a share of both."""
    source, tops = npu.row["source"], npu.number("tops")
    assert tops is not None, "every NPU of the list has a peak"
    share, said = _share(npu)
    share["value"] = round(min(1.0, share["value"] / STREAM_SHARE), 6)
    rate, unread = npu.number("reached_gflops"), npu.is_unread("tops")
    if rate is not None:
        arithmetic = constant(round(rate / (tops * 1e3), 4), f"prompts at {rate:g} GFLOP/s ({source})")
    else:
        found = usual_arithmetic("NPU")
        arithmetic = usual(found.value, f"the median of {found.devices} NPUs whose prompts are published")
    timing, channels = _channels(npu.peak / 1e9)
    capacity = npu.number("capacity_gb") or 0.0
    document: dict[str, Any] = {
        "description": f"{npu.title}: {said}",
        "npu": {
            "clock_ghz": constant(
                round(tops * 1e3 / (2 * _ARRAYS * _ROWS * _COLUMNS), 5),
                f"{tops:g} INT8 TOPS ({_table_source(npu, 'tops')}), of {_ARRAYS} arrays of {_ROWS}x{_COLUMNS}",
                unread,
            ),
            "chips": ours(_ARRAYS, "the real count is not published"),
            "array_rows": ours(_ROWS, "few, as passes of some rows cost what one does"),
            "array_columns": ours(_COLUMNS, "with the clock, the published peak"),
            "vector_tops": ours(
                round(tops / (4 * _ARRAYS), 4), "a quarter of the arrays', as AHASD's platform has it"
            ),
            "rate_at_16_bit": _rate_at_16_bit(npu),
            "bandwidth_efficiency": share,
            "compute_efficiency": arithmetic,
        },
        "memory": {
            "channels": ours(channels, f"as many x16 channels as come nearest to {npu.peak / 1e9:g} GB/s"),
            "ranks_per_channel": ours(1, "models are not placed on ranks of their own"),
            "rank_capacity_gib": constant(
                round(0.75 * capacity / channels, 5),
                f"three quarters (ours) of {capacity:g} GB, over the channels ({_table_source(npu, 'capacity_gb')})",
                npu.is_unread("capacity_gb"),
            ),
            "channel_gb_per_second": constant(
                round(npu.peak / 1e9 / channels, 5),
                f"{npu.peak / 1e9:g} GB/s over the channels ({_table_source(npu, 'peak_gb_s')})",
                npu.is_unread("peak_gb_s"),
            ),
            "bus_efficiency": constant(STREAM_SHARE, "what detailed costs find for the timing set"),
            "timing": ours(timing, "the timing set whose channels come nearest to the bandwidth"),
        },
        "energy": None,
    }
    power = npu.number("power_w")
    if power is not None:
        nothing = constant(0.0, ALL_IN_STATIC)
        document["energy"] = {
            **dict.fromkeys(EnergySection.model_fields, nothing),
            "npu_static_mw": constant(
                power * 1e3, f"all that is published while it decodes, drawn all the time ({source})"
            ),
        }
    return document


def _table_source(processor: ListedProcessor, column: str) -> str:
    """Where a figure was read: in the table of devices or with the speed; else what is said of what was not."""
    if processor.is_unread(column):
        return processor.row["unverified"]
    known = next((device for device in known_devices() if device.name == processor.device), None)
    return processor.row["source"] if known is None else f"devices.csv: {known.source}"


def _rate_at_16_bit(npu: ListedProcessor) -> dict[str, Any]:
    rate = npu.number("rate_at_16_bit")
    if rate == 1.0:
        return constant(
            rate,
            "Apple's engine widens INT8 to FP16 (insiderllm.com/guides/apple-neural-engine-llm-inference, of the M4)",
        )
    assert rate is not None, "every NPU of the list has a rate"
    return (
        ours(rate, "a half, as on a TPU v5e")
        if rate == 0.5
        else constant(rate, "by its maker's peaks", unread=True)
    )


def _channels(peak_gb_s: float) -> tuple[str, int]:
    """The timing set, and the channels of it, that come nearest to a bandwidth."""
    counts = {name: max(1, round(peak_gb_s / rate)) for name, rate in CHANNELS_GB_S.items()}
    nearest = min(counts, key=lambda name: abs(counts[name] * CHANNELS_GB_S[name] / peak_gb_s - 1))
    return nearest, counts[nearest]


def _share(processor: ListedProcessor) -> tuple[dict[str, Any], str]:
    """The share of its bandwidth that a processor reaches, and that in a few words."""
    peak, row = processor.peak, processor.row
    of = f"of {peak / 1e9:g} GB/s"
    if processor.reached is None:
        found = usual_share(processor.kind)
        said = f"the median of {found.devices} {processor.kind}s whose speed is published"
        return usual(round(found.value, 4), said), f"reaches {found.value:.0%} {of} (as its kind does)"
    share = processor.reached / peak
    if processor.kind == "CPU":
        # What passes take besides is the launches' and not the stream's.
        speed, read = processor.number("tokens_per_second") or 0.0, processor.number("read_gb") or 0.0
        share = read * 1e9 / (1 / speed - _CPU_LAUNCH_US * 1e-6 * PASS_KERNELS) / peak
    unread = processor.is_unread("read_gb") or processor.is_unread("tokens_per_second")
    source = f"{row['model']}, {row['read_gb']} GB x {row['tokens_per_second']}/s ({row['source']})"
    return constant(round(share, 6), source, unread), f"reaches {share:.0%} {of}"
