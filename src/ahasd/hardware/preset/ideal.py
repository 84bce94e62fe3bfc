"""Hardware without the latencies and limits that ``ideal_…`` options switch off."""

from collections.abc import Collection
from typing import Any

from ahasd.hardware.preset.hardware import Hardware

#: A power cap that never binds, watts.
NO_CAP_W = 1e12


def idealised(hardware: Hardware, ideal: Collection[str]) -> Hardware:
    """Return the hardware as ideal options leave it.

    Parameters
    ----------
    hardware
        The machine.
    ideal
        Names of the options; those that take away a conflict between devices have no effect here.
    """
    cpu: dict[str, Any] = {}
    pim: dict[str, Any] = {}
    if "ideal_control_latency" in ideal:
        cpu = {"queue_transfer_us": 0.0, "decision_us": 0.0, "polling_us": 0.0}
    if "ideal_gating" in ideal:
        pim["gate_switch_cycles"] = 0
    if "ideal_mode_switch" in ideal:
        pim |= {"mode_switches": False, "launch_us": 0.0}
    if "ideal_power" in ideal:
        pim["power_cap_w"] = NO_CAP_W
    changed: dict[str, Any] = {"cpu": hardware.cpu.model_copy(update=cpu)}
    if hardware.memory is not None and "ideal_refresh" in ideal:
        changed["memory"] = hardware.memory.model_copy(update={"refresh_rate": 0.0})
    if hardware.pim is not None:
        changed["pim"] = hardware.pim.model_copy(update=pim)
    return hardware.model_copy(update=changed)
