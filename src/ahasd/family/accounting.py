"""Adding an outcome up: energy, device shares, queues."""

from collections.abc import Iterable
from typing import Any

from ahasd.family.energy_report import energy_report
from ahasd.family.result import DeviceShares, QueueOccupancy
from ahasd.hardware.components import components_of
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, parts
from ahasd.hardware.preset.hardware import Hardware
from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.outcome import Outcome


def energy(hardware: Hardware, outcome: Outcome[Any]) -> dict[str, float]:
    """Joules by component over the time of a run: work, and static power of all devices that the hardware has.

    Nothing where the hardware's energy is not known.
    """
    seconds = outcome.end / PICOSECONDS
    work = outcome.timeline.energy(outcome.end)
    return {
        part.name: work[part.name] if part.watts is None else part.watts(hardware) * seconds
        for part in components_of(hardware)
    }


def total_joules(hardware: Hardware, outcome: Outcome[Any]) -> float | None:
    """Joules of a run; None where the hardware's energy is not known."""
    return sum(energy(hardware, outcome).values()) if hardware.energy_is_known else None


def added_up(
    hardware: Hardware, outcome: Outcome[Any], devices: Iterable[DeviceName], work: int
) -> dict[str, Any]:
    """Fields of a result that follow from what was done: its time, its energy, its devices.

    Parameters
    ----------
    devices
        That the system uses.
    work
        That was done, in the unit of the result.
    """
    seconds, joules = outcome.end / PICOSECONDS, energy(hardware, outcome)
    total = sum(joules.values()) if hardware.energy_is_known else None
    return {
        "seconds": seconds,
        "energy_j": joules,
        "average_power_w": None if total is None else total / seconds,
        "energy_report": None if total is None else energy_report(joules, work, seconds),
        "devices": device_shares(hardware, devices, outcome),
    }


def device_shares(
    hardware: Hardware, devices: Iterable[DeviceName], outcome: Outcome[Any]
) -> dict[str, DeviceShares]:
    """Shares of the time of the devices that a system uses, and of the NPU if there is one."""
    shares: dict[str, DeviceShares] = {}
    host: list[DeviceName] = ["npu"] if hardware.npu is not None else []
    used = {*host, *(part for device in devices for part in parts(device))}
    for name in [name for name in DEVICES if name in used]:
        working, blocked = outcome.timeline.busy_and_blocked(name, outcome.end)
        # Passes are rounded to picoseconds one by one.
        busy = min(working + _busy_together(name, outcome), outcome.end - blocked)
        idle = outcome.end - busy - blocked
        shares[name] = DeviceShares(
            busy=busy / outcome.end, idle=idle / outcome.end, blocked=blocked / outcome.end
        )
    return shares


def _busy_together(name: DeviceName, outcome: Outcome[Any]) -> int:
    """Picoseconds for which a device works in passes that it runs together with another."""
    together = {track for track in outcome.timeline.tracks if "+" in track and name in track.split("+")}
    if not together:
        return 0
    seconds, in_memory = 0.0, DEVICES[name].in_memory
    for task in outcome.timeline.tasks:
        if task.track in together:
            of_task = task.cost.memory_compute_seconds if in_memory else task.cost.host_seconds
            seconds += of_task * task.share_until(outcome.end)
    return round(seconds * PICOSECONDS)


def queue_occupancy(outcome: Outcome[Any]) -> dict[str, QueueOccupancy]:
    """Occupancy of the queues, if the schedule has any."""
    return {
        name: QueueOccupancy(
            mean=queue.mean, max=queue.maximum, full_s=queue.full_s, blocked_pushes=queue.blocked_pushes
        )
        for name, queue in outcome.queues.items()
    }
