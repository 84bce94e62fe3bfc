"""Adding an outcome up: energy, device shares, queues, controllers."""

from ahasd.hardware.refresh import rank_idle_w
from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.result import Controllers, DeviceShares, EdcRecord, QueueOccupancy, TvcRecord
from ahasd.systems.machine import Machine
from ahasd.systems.schedule import Outcome


def energy(machine: Machine, outcome: Outcome) -> dict[str, float]:
    """Joules by component over the decode time: work, and static power of NPU and memory."""
    seconds = outcome.end / PICOSECONDS
    constants = machine.hardware.energy
    return {
        **outcome.timeline.energy(outcome.end),
        "npu_static": constants.npu_static_mw * 1e-3 * seconds,
        "dram_idle": rank_idle_w(machine.hardware) * machine.hardware.memory.ranks * seconds,
    }


def device_shares(machine: Machine, outcome: Outcome) -> dict[str, DeviceShares]:
    """Shares of the decode time of the NPU, and of the PIM where the system uses it."""
    shares = {}
    for name in ["npu", "pim"] if machine.system.uses_pim else ["npu"]:
        busy, blocked = outcome.timeline.busy_and_blocked(name, outcome.end)
        idle = outcome.end - busy - blocked
        shares[name] = DeviceShares(
            busy=busy / outcome.end, idle=idle / outcome.end, blocked=blocked / outcome.end
        )
    return shares


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
