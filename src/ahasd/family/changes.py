"""What ``--set KEY=VALUE`` changes: options of the system, behind ``system.``, and constants of the hardware."""

from collections.abc import Sequence

from ahasd.assignments import assign, leaf_keys, split_assignment
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.family.system import System, SystemType
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import HardwarePreset
from ahasd.hardware.preset.read_by import refuse_unread

#: What stands before the options of a system in ``--set``; all other keys are the hardware's.
SYSTEM_PREFIX = "system."


def change_system(system: SystemType, changes: Sequence[str]) -> SystemType:
    """Return the system with those of the changes that are of a system's options.

    Raises
    ------
    AhasdError
        There is no such option, or only in systems of another kind, or the value does not fit.
    """
    for text in changes:
        key, value = split_assignment(text)
        if key.startswith(SYSTEM_PREFIX):
            reason = system.why_no_option(key.removeprefix(SYSTEM_PREFIX).partition(".")[0])
            if reason is not None:
                raise AhasdError(f"--set {text}: {reason}")
            system = assign(system, key, value, SYSTEM_PREFIX)
    return system


def changes_that_apply(system: System, changes: Sequence[str]) -> list[str]:
    """Those of the changes that are of the hardware, or of an option that this system has."""
    fields = type(system).model_fields

    def applies(text: str) -> bool:
        key, _ = split_assignment(text)
        return (
            not key.startswith(SYSTEM_PREFIX) or key.removeprefix(SYSTEM_PREFIX).partition(".")[0] in fields
        )

    return [text for text in changes if applies(text)]


def change_hardware(
    preset: HardwarePreset, changes: Sequence[str], system: System, fidelity: Fidelity
) -> HardwarePreset:
    """Return the hardware with those of the changes that are no system's.

    Raises
    ------
    AhasdError
        There is no such constant (nor an option of the system), the value does not fit, or device models of this
        fidelity do not read it.
    """
    refuse_unread(changes, fidelity)
    for text in changes:
        key, _ = split_assignment(text)
        if not key.startswith(SYSTEM_PREFIX):
            try:
                preset = override(preset, [text])
            except UnknownNameError as error:
                options = (f"{SYSTEM_PREFIX}{name}" for name in leaf_keys(system.model_dump()))
                raise UnknownNameError("--set key", key, [*error.valid, *options]) from error
    return preset
