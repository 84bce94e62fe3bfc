"""Changing single constants of a preset: ``npu.clock_ghz=1.2``."""

from collections.abc import Iterable

from ahasd.assignments import assign, split_assignment
from ahasd.errors import AhasdError
from ahasd.hardware.preset.hardware import SECTIONS
from ahasd.hardware.preset.moved import refuse_moved
from ahasd.hardware.preset.preset import HardwarePreset, has_section, preset_names


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
        No such key.
    AhasdError
        The machine lacks the section; not an assignment, not a number, a value out of range, or a key of an earlier
        version.
    """
    hardware, sources = preset.hardware, dict(preset.sources)
    for text in assignments:
        key, value = split_assignment(text)
        refuse_moved(key)
        section = key.partition(".")[0]
        if section in SECTIONS and getattr(hardware, section) is None:
            having = [name for name in preset_names() if has_section(name, section)]
            raise AhasdError(
                f"--set {key}: hardware '{hardware.name}' has no '{section}' section; presets that have one: "
                f"{', '.join(having)} (--hardware)"
            )
        hardware = assign(hardware, key, value)
        sources[key] = "given (--set)"
    return HardwarePreset(hardware, sources, preset.ranges)
