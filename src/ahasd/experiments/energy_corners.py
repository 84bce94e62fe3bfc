"""A machine with every energy constant at one end of its range."""

from dataclasses import replace

from ahasd.assignments import assign
from ahasd.hardware.preset.preset import HardwarePreset
from ahasd.speculation.configuration import Resolved

#: Constants of power outside the section ``energy``.
_BOARD_POWER = ("gpu.idle_w", "gpu.limit_w", "gpu2.idle_w", "gpu2.limit_w")


def energy_constants(preset: HardwarePreset) -> dict[str, tuple[float, float]]:
    """Keys and ranges of the constants of energy and power; one that a user gave is known, so it has none.

    A range is widened to hold the preset's own value.
    """
    found = {}
    for key, (low, high) in preset.ranges.items():
        given = preset.sources.get(key, "").startswith("given")
        if not given and (key.startswith("energy.") or key in _BOARD_POWER):
            section, name = key.split(".")
            value = float(getattr(preset.hardware.require(section), name))
            found[key] = min(low, value), max(high, value)
    return found


def at_corner(resolved: Resolved, end: int) -> Resolved:
    """The configuration with every energy constant at the low (0) or high (1) end of its range."""
    preset = resolved.preset
    hardware = preset.hardware
    for key, span in energy_constants(preset).items():
        hardware = assign(hardware, key, repr(span[end]))
    return replace(resolved, preset=replace(preset, hardware=hardware))
