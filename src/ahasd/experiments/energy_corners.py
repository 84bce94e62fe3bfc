"""A machine with every energy constant at one end of its range."""

from dataclasses import replace

from ahasd.assignments import assign
from ahasd.hardware.energy_ranges import energy_ranges
from ahasd.speculation.configuration import Resolved


def at_corner(resolved: Resolved, end: int) -> Resolved:
    """The configuration with every energy constant at the low (0) or high (1) end of its range."""
    preset = resolved.preset
    hardware = preset.hardware
    for key, span in energy_ranges(preset).items():
        hardware = assign(hardware, key, repr(span[end]))
    return replace(resolved, preset=replace(preset, hardware=hardware))
