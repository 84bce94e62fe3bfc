"""Changing single constants of a preset: ``npu.clock_ghz=1.2``."""

from collections.abc import Iterable

from ahasd.assignments import assign, split_assignment
from ahasd.hardware.preset.moved import refuse_moved
from ahasd.hardware.preset.preset import HardwarePreset


def override(preset: HardwarePreset, assignments: Iterable[str]) -> HardwarePreset:
    """Return the preset with constants replaced, the new ones marked as given.

    Parameters
    ----------
    preset
        Where to start.
    assignments
        Texts of the form ``section.key=value``; the last one of a key wins.

    Raises
    ------
    UnknownNameError
        No such key in this preset.
    AhasdError
        Not an assignment, not a number, a value out of range, or a key of an earlier version.
    """
    hardware, sources = preset.hardware, dict(preset.sources)
    for text in assignments:
        key, value = split_assignment(text)
        refuse_moved(key)
        hardware = assign(hardware, key, value)
        sources[key] = "given (--set)"
    return HardwarePreset(hardware, sources, preset.ranges)
