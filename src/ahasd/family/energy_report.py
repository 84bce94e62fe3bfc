"""Energy by device, at work and at rest, and what that means on a battery."""

from collections.abc import Mapping

from ahasd.family.record import Record

#: Components of the energy by the device that draws them. ``memory`` is the module without its compute units: what
#: moves over its bus, what open ranks draw, and what all ranks draw at rest. Two GPUs count together.
DEVICE_COMPONENTS: dict[str, tuple[str, ...]] = {
    "npu": ("npu_compute", "npu_vector", "scratchpad", "npu_static"),
    "memory": ("dram_offchip", "dram_active", "dram_idle"),
    "pim": ("pim_array", "pim_compute", "aau"),
    "gpu": ("gpu", "gpu_idle"),
}

#: What is drawn all the time, at work or not; all else is drawn by work.
STATIC_COMPONENTS = frozenset({"npu_static", "dram_idle", "gpu_idle"})

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
        and 60 min over the average power in watts. None if all energy constants are 0.
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
            dynamic_j=sum(joules.get(name, 0.0) for name in names if name not in STATIC_COMPONENTS),
            static_j=sum(joules.get(name, 0.0) for name in names if name in STATIC_COMPONENTS),
        )
        for device, names in DEVICE_COMPONENTS.items()
        if any(name in joules for name in names)
    }
    total = sum(joules.values())
    return EnergyReport(
        by_device=by_device,
        dynamic_j=sum(device.dynamic_j for device in by_device.values()),
        static_j=sum(device.static_j for device in by_device.values()),
        tokens_per_wh=_JOULES_PER_WATT_HOUR * tokens / total if total else None,
        minutes_per_wh=_MINUTES_PER_HOUR * seconds / total if total else None,
    )
