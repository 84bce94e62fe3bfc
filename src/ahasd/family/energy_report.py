"""Energy by device, at work and at rest, and what that means on a battery."""

from collections.abc import Mapping

from ahasd.family.record import Record
from ahasd.hardware.components import COMPONENTS_BY_DEVICE

_JOULES_PER_WATT_HOUR = 3600.0
_MINUTES_PER_HOUR = 60.0


class DeviceEnergy(Record):
    """Joules of a device over the decode time: by its work, and by being on."""

    dynamic_j: float
    static_j: float


class EnergyReport(Record):
    """Where the joules of the decode time went.

    Attributes
    ----------
    by_device
        Of the devices that the hardware has, used or not.
    tokens_per_wh, minutes_per_wh
        Of generation, for each watt-hour of a battery (a phone's holds 15 to 20): 3600 J over the joules per token,
        and 60 min over the average power in watts. None if all energy constants are 0, or not known.
    """

    by_device: dict[str, DeviceEnergy]
    dynamic_j: float
    static_j: float
    tokens_per_wh: float | None
    minutes_per_wh: float | None


def energy_report(joules: Mapping[str, float], tokens: int, seconds: float) -> EnergyReport:
    """Group the joules of a run, given by component."""
    by_device = {
        device: DeviceEnergy(
            dynamic_j=sum(joules.get(part.name, 0.0) for part in parts if part.watts is None),
            static_j=sum(joules.get(part.name, 0.0) for part in parts if part.watts is not None),
        )
        for device, parts in COMPONENTS_BY_DEVICE.items()
        if any(part.name in joules for part in parts)
    }
    total = sum(joules.values())
    return EnergyReport(
        by_device=by_device,
        dynamic_j=sum(device.dynamic_j for device in by_device.values()),
        static_j=sum(device.static_j for device in by_device.values()),
        tokens_per_wh=_JOULES_PER_WATT_HOUR * tokens / total if total else None,
        minutes_per_wh=_MINUTES_PER_HOUR * seconds / total if total else None,
    )
