"""What the simulator charges by default is what the hardware takes."""

import pytest

from ahasd.hardware.preset import load_preset
from ahasd.rtl.latencies import edc_decision_cycles, rank_switch_cycles, tvc_decision_cycles
from ahasd.rtl.parameters import HardwareParameters


@pytest.mark.parametrize("name", ["module-mac", "module-op", "rank-compute", "rank-both"])
def test_presets_charge_the_cycles_of_the_hardware(name):
    hardware, parameters = load_preset(name).hardware, HardwareParameters()
    clock_hz = hardware.pim.clock_ghz * 1e9
    decision = edc_decision_cycles(parameters) + tvc_decision_cycles(parameters)
    assert hardware.cpu.decision_us * 1e-6 == pytest.approx(decision / clock_hz)
    assert hardware.pim.gate_switch_cycles == rank_switch_cycles(parameters)
    assert rank_switch_cycles(parameters) / clock_hz < 1e-6
