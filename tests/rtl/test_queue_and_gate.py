"""The queue against the simulator's, the rank gate against its promise."""

from random import Random

import pytest
from amaranth.sim import Simulator

from ahasd.control.queues import BoundedQueue
from ahasd.rtl.latencies import rank_switch_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.queue import Queue
from ahasd.rtl.rank_gate import RankGate


def run(dut, bench):
    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()


@pytest.mark.parametrize("capacity", [1, 2, 8])
def test_a_queue_holds_what_the_simulators_holds(capacity):
    dut, random, model = Queue(12, capacity), Random(capacity), BoundedQueue[int]("model", capacity)

    async def bench(ctx):
        for cycle in range(400):
            entry, push, pop = random.randrange(4096), random.random() < 0.55, random.random() < 0.45
            assert (ctx.get(dut.level), ctx.get(dut.full)) == (len(model), model.full)
            if len(model):
                assert ctx.get(dut.head) == model.peek()
            ctx.set(dut.entry, entry)
            ctx.set(dut.push, push)
            ctx.set(dut.pop, pop)
            assert ctx.get(dut.refused) == (push and model.full)
            accepted = push and not model.full
            await ctx.tick()
            if pop and len(model):
                model.pop(cycle)
            if accepted:
                model.push(entry, cycle)

    run(dut, bench)


@pytest.mark.parametrize("settle", [1, 5])
def test_a_switch_gates_all_ranks_before_it_enables_the_others(settle):
    parameters = HardwareParameters(settle_cycles=settle)
    dut, target = RankGate(parameters), 0x00F0

    async def bench(ctx):
        ctx.set(dut.target_ranks, target)
        for want, others in ((1, target), (0, 0xFFFF ^ target)):
            before = ctx.get(dut.enable)
            ctx.set(dut.want_target, want)
            ctx.set(dut.idle, 0)
            await ctx.tick().repeat(10)
            assert ctx.get(dut.enable) == before  # work under way is finished first
            assert not ctx.get(dut.steady)
            ctx.set(dut.idle, 1)
            seen, cycles = [], 0
            while not ctx.get(dut.steady):
                await ctx.tick()
                cycles += 1
                seen.append(ctx.get(dut.enable))
            assert cycles == rank_switch_cycles(parameters)
            assert seen[0] == 0
            assert set(seen) == {0, others}
            assert seen[-settle - 1 :] == [others] * (settle + 1)

    run(dut, bench)
