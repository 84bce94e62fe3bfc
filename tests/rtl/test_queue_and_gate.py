"""The queue against the simulator's, the rank gate against its promise."""

import pytest

from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.queue import Queue
from ahasd.rtl.top.rank_gate import RankGate

from .queue_scenario import pushes_and_pops, switches
from .simulation import simulate


@pytest.mark.parametrize("capacity", [1, 2, 8])
def test_a_queue_holds_what_the_simulators_holds(capacity):
    dut = Queue(12, capacity)
    simulate(dut, pushes_and_pops(dut, cycles=400))


@pytest.mark.parametrize("settle", [1, 5])
def test_a_switch_gates_all_ranks_before_it_enables_the_others(settle):
    parameters = HardwareParameters(settle_cycles=settle)
    dut = RankGate(parameters)
    simulate(dut, switches(dut, parameters))
