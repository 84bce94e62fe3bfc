"""Hardware that can be named: devices that people own, group by group, and the machines of the studies."""

from collections.abc import Sequence
from typing import Any

from ahasd.errors import UnknownNameError
from ahasd.hardware.known_bytes import tokens_per_second
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.owned.constant import NOT_READ, USUAL
from ahasd.hardware.preset.owned.owned_presets import owned_processors
from ahasd.hardware.preset.owned.owned_processor import GROUPS, OwnedProcessor
from ahasd.hardware.preset.preset import HardwarePreset, load_preset, preset_names
from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right
from ahasd.report.text import paragraphs


def hardware_text(words: str | None) -> str:
    """What there is, and how fast each writes with a 7B; with words, only what has them in its name or group.

    Raises
    ------
    UnknownNameError
        Nothing has them.
    """
    processors, machines = chosen(words)
    lines = paragraphs([_sentence(len(processors), len(machines))])
    for group in GROUPS:
        rows = [_row(processor) for processor in processors if processor.group == group]
        if rows:
            columns = (*left(group, least=30), *left(""), *right("GB/s", "reached", "tokens/s"), *left(""))
            lines += ["", fitted(Table(columns, rows)).rstrip("\n")]
    if machines:
        rows = [[name, load_preset(name).hardware.description] for name in machines]
        lines += ["", fitted(Table(left("machines of the studies", ""), rows)).rstrip("\n")]
    if processors:
        lines += ["", *paragraphs([_LEGEND])]
    return "\n".join(lines) + "\n"


def hardware_json(words: str | None) -> dict[str, Any]:
    """The same for programs."""
    processors, machines = chosen(words)
    return {
        "devices": {processor.name: _entry(processor) for processor in processors},
        "machines": {name: load_preset(name).hardware.description for name in machines},
    }


def chosen(words: str | None) -> tuple[Sequence[OwnedProcessor], Sequence[str]]:
    """Devices and machines that have some words in their names or groups; all without words.

    Raises
    ------
    UnknownNameError
        None has them.
    """
    wanted = (words or "").lower().replace("-", " ").split()

    def fits(*texts: str) -> bool:
        text = " ".join(texts).lower().replace("-", " ")
        return all(word in text for word in wanted)

    processors = [each for each in owned_processors() if fits(each.name, each.title, each.group, each.kind)]
    machines = [name for name in preset_names() if fits(name)]
    if not processors and not machines:
        names = [*preset_names(), *(each.name for each in owned_processors()), *GROUPS]
        raise UnknownNameError("hardware", words or "", names)
    return processors, machines


def short_description(processor: OwnedProcessor) -> str:
    """A processor in a few words."""
    preset = load_preset(processor.name)
    reached, _ = _reached(preset)
    gb_s = processor.peak / 1e9
    return f"{processor.group}: {processor.kind}, {reached * gb_s:.3g} of {gb_s:g} GB/s"


_LEGEND = (
    "reached: share of the peak bandwidth that a stream of weights gets. tokens/s: Llama-2-7B alone at 4.5 bits. "
    "~ the share is the usual one of its kind, none is published of this device; ? its bandwidth was recalled or "
    "derived; W its power is published, so energy is known. What each figure rests on: ahasd hardware show NAME."
)


def _sentence(processors: int, machines: int) -> str:
    parts = [
        f"{count} {name if count == 1 else names}"
        for count, name, names in (
            (processors, "processor of a device that people own", "processors of devices that people own"),
            (machines, "machine of the studies", "machines of the studies"),
        )
        if count
    ]
    return (
        f"{' and '.join(parts)}. --hardware takes such a name, or words that mean one: "
        'ahasd run --system gpu --hardware "RTX 3090" (GPU, CPU), --system npu (NPU).'
    )


def _row(processor: OwnedProcessor) -> list[str]:
    preset = load_preset(processor.name)
    share, marks = _reached(preset)
    return [
        processor.name,
        processor.kind,
        f"{processor.peak / 1e9:.4g}",
        f"{share:.0%}",
        f"{tokens_per_second(processor.name):.3g}",
        marks,
    ]


def _reached(preset: HardwarePreset) -> tuple[float, str]:
    """The share of its peak bandwidth that a device reaches, and the marks of its row."""
    hardware = preset.hardware
    share, key, peak = _share(hardware)
    marks = "~" if preset.sources[key].startswith(USUAL) else ""
    marks += "?" if preset.sources[peak].startswith(NOT_READ) else ""
    return share, marks + ("W" if hardware.energy_is_known else "")


def _share(hardware: Hardware) -> tuple[float, str, str]:
    if hardware.gpu is not None:
        return hardware.gpu.bandwidth_efficiency, "gpu.bandwidth_efficiency", "gpu.gb_per_second"
    share = hardware.require_npu().bandwidth_efficiency * hardware.require_memory().bus_efficiency
    return share, "npu.bandwidth_efficiency", "memory.channel_gb_per_second"


def _entry(processor: OwnedProcessor) -> dict[str, Any]:
    preset = load_preset(processor.name)
    share, marks = _reached(preset)
    return {
        "title": processor.title,
        "kind": processor.kind,
        "group": processor.group,
        "peak_gb_per_second": processor.peak / 1e9,
        "reached_share": share,
        "share_is_usual": "~" in marks,
        "bandwidth_recalled": "?" in marks,
        "energy_known": "W" in marks,
        "tokens_per_second_7b_q4_0": tokens_per_second(processor.name),
        "systems": ["npu", "npu-autoregressive"]
        if processor.kind == "NPU"
        else ["gpu", "gpu-autoregressive"],
    }
