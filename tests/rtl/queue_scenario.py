"""A queue against the simulator's, a rank gate against its promise, as test benches for Amaranth's simulator."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from ahasd.rtl.latencies import rank_switch_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.queue import Queue
from ahasd.rtl.top.rank_gate import RankGate
from ahasd.simulation.queues import BoundedQueue

Bench = Callable[[Any], Awaitable[None]]


def pushes_and_pops(dut: Queue, cycles: int) -> Bench:
    """By chance, a little more of the former, and a rare flush."""
    random, model = Random(dut.capacity), BoundedQueue[int]("model", dut.capacity)

    async def bench(ctx: Any) -> None:
        nonlocal model
        for cycle in range(cycles):
            entry, push, pop = random.randrange(4096), random.random() < 0.55, random.random() < 0.45
            clear = random.random() < 0.01
            assert (ctx.get(dut.level), ctx.get(dut.full)) == (len(model), model.full)
            if len(model):
                assert ctx.get(dut.head) == model.peek()
            ctx.set(dut.entry, entry)
            ctx.set(dut.push, push)
            ctx.set(dut.pop, pop)
            ctx.set(dut.clear, clear)
            assert ctx.get(dut.refused) == (push and model.full)
            accepted = push and not model.full
            await ctx.tick()
            if clear:
                model = BoundedQueue[int]("model", dut.capacity)
                continue
            if pop and len(model):
                model.pop(cycle)
            if accepted:
                model.push(entry, cycle)

    return bench


def switches(dut: RankGate, parameters: HardwareParameters) -> Bench:
    """To the target's ranks and back; the running ones are gated before the others are enabled."""
    target, settle = 0x00F0, parameters.settle_cycles

    async def bench(ctx: Any) -> None:
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

    return bench
