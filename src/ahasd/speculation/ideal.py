"""Hardware without the latencies and limits that a system's ``ideal_…`` options switch off."""

from typing import Any

from ahasd.hardware.preset.preset import Hardware
from ahasd.speculation.options import SystemPreset

#: A power cap that never binds, watts.
NO_CAP_W = 1e12


def idealised(hardware: Hardware, system: SystemPreset) -> Hardware:
    """Return the hardware as the system's ideal options leave it; conflicts between devices are not in here."""
    cpu: dict[str, Any] = {}
    pim: dict[str, Any] = {}
    if system.ideal_control_latency:
        cpu = {"queue_transfer_us": 0.0, "decision_us": 0.0, "polling_us": 0.0}
    if system.ideal_gating:
        pim["gate_switch_cycles"] = 0
    if system.ideal_mode_switch:
        pim |= {"mode_switches": False, "launch_us": 0.0}
    if system.ideal_power:
        pim["power_cap_w"] = NO_CAP_W
    changed: dict[str, Any] = {"cpu": hardware.cpu.model_copy(update=cpu)}
    if hardware.memory is not None and system.ideal_refresh:
        changed["memory"] = hardware.memory.model_copy(update={"refresh_rate": 0.0})
    if hardware.pim is not None:
        changed["pim"] = hardware.pim.model_copy(update=pim)
    return hardware.model_copy(update=changed)
