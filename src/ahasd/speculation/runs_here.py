"""Which systems a machine can run."""

from ahasd.errors import AhasdError
from ahasd.hardware.placement.device_kinds import DeviceName, has_device, require_device
from ahasd.hardware.preset.preset import Hardware
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.system import AnySystem


def require_device_of(system: AnySystem, hardware: Hardware, device: DeviceName) -> None:
    """Check that the hardware has what a system needs.

    Raises
    ------
    AhasdError
        It lacks a section; the message names the presets that have it, and the systems that run here.
    """
    try:
        require_device(hardware, device)
    except AhasdError as error:
        here = [name for name in SYSTEMS.names if _has_devices(SYSTEMS.load(name), hardware)]
        raise AhasdError(
            f"{error}. System '{system.name}' needs it; on '{hardware.name}' run: {', '.join(here)} (--system)"
        ) from error


def _has_devices(system: AnySystem, hardware: Hardware) -> bool:
    needs_aau = system.aau and hardware.aau is None
    return not needs_aau and all(has_device(hardware, device) for device in system.devices.values())
