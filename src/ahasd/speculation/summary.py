"""Adding an outcome up: energy, device shares, queues, controllers."""

from ahasd.hardware.cost import components
from ahasd.hardware.dram.refresh import rank_idle_w
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, parts
from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.result import Controllers, DeviceShares, EdcRecord, QueueOccupancy, TvcRecord
from ahasd.speculation.machine import Machine
from ahasd.speculation.schedule import Outcome


def energy(machine: Machine, outcome: Outcome) -> dict[str, float]:
    """Joules by component over the decode time: work, and static power of all devices that the hardware has."""
    seconds, hardware = outcome.end / PICOSECONDS, machine.hardware
    work = outcome.timeline.energy(outcome.end)
    joules = {name: work[name] for name in components(hardware.memory is not None, bool(hardware.gpus))}
    if hardware.npu is not None:
        joules["npu_static"] = hardware.require_energy().npu_static_mw * 1e-3 * seconds
    if hardware.memory is not None:
        joules["dram_idle"] = rank_idle_w(hardware) * hardware.memory.ranks * seconds
    if hardware.gpus:
        joules["gpu_idle"] = sum(gpu.idle_w for gpu in hardware.gpus.values()) * seconds
    return joules


def device_shares(machine: Machine, outcome: Outcome) -> dict[str, DeviceShares]:
    """Shares of the decode time of the devices that the system uses, and of the NPU if there is one."""
    shares: dict[str, DeviceShares] = {}
    host: list[DeviceName] = ["npu"] if machine.hardware.npu is not None else []
    used = {*host, *(part for device in machine.system.devices.values() for part in parts(device))}
    for name in [name for name in DEVICES if name in used]:
        working, blocked = outcome.timeline.busy_and_blocked(name, outcome.end)
        # Passes are rounded to picoseconds one by one.
        busy = min(working + _busy_together(name, outcome), outcome.end - blocked)
        idle = outcome.end - busy - blocked
        shares[name] = DeviceShares(
            busy=busy / outcome.end, idle=idle / outcome.end, blocked=blocked / outcome.end
        )
    return shares


def _busy_together(name: DeviceName, outcome: Outcome) -> int:
    """Picoseconds for which a device works in passes that it runs together with another."""
    seconds = 0.0
    for task in outcome.timeline.tasks:
        if "+" in task.track and name in task.track.split("+"):
            of_task = task.cost.pim_seconds if name == "pim" else task.cost.npu_seconds
            seconds += of_task * task.share_until(outcome.end)
    return round(seconds * PICOSECONDS)


def queue_occupancy(outcome: Outcome) -> dict[str, QueueOccupancy]:
    """Occupancy of the queues, if the schedule has any."""
    return {
        name: QueueOccupancy(
            mean=queue.mean, max=queue.maximum, full_s=queue.full_s, blocked_pushes=queue.blocked_pushes
        )
        for name, queue in outcome.queues.items()
    }


def controllers(outcome: Outcome) -> Controllers:
    """Statistics of EDC and TVC, if the schedule has them."""
    edc, tvc = outcome.edc, outcome.tvc
    return Controllers(
        edc=EdcRecord(
            decisions=edc.decisions,
            continued=edc.continued,
            stopped=edc.stopped,
            judged=edc.judged,
            correct=edc.correct,
            confusion={
                "continued_accepted": edc.continued_accepted,
                "continued_rejected": edc.continued_rejected,
                "stopped_accepted": edc.stopped_accepted,
                "stopped_rejected": edc.stopped_rejected,
            },
        )
        if edc
        else None,
        tvc=TvcRecord(
            consulted=tvc.consulted,
            inserted=tvc.inserted,
            tokens=tvc.tokens,
            useful=tvc.useful,
            rank_switches=outcome.rank_switches,
            predicted=tvc.predicted,
            mean_relative_error=tvc.mean_relative_error,
            relative_error_maximum=tvc.relative_error_maximum,
        )
        if tvc
        else None,
    )
