"""Plays a stimulus to the EDC hardware in Amaranth's simulator."""

from collections import deque
from typing import Any

from amaranth.sim import Simulator

from ahasd.rtl.edc import EntropyDraftController
from ahasd.rtl.latencies import edc_decision_cycles
from ahasd.rtl.parameters import HardwareParameters

from .edc_stimulus import Batch, Flush, Verdict


def play(parameters: HardwareParameters, operations: list[Batch | Verdict | Flush]) -> list[tuple[int, bool]]:
    """(index, keep drafting) of every batch."""
    dut, answers = EntropyDraftController(parameters), []
    carried: deque[int] = deque()

    async def bench(ctx: Any) -> None:
        await ctx.tick().until(dut.ready)
        for operation in operations:
            if isinstance(operation, Batch):
                for word in operation.words:
                    ctx.set(dut.token, 1)
                    ctx.set(dut.entropy, word)
                    await ctx.tick()
                ctx.set(dut.token, 0)
                ctx.set(dut.batch, 1)
                await ctx.tick()
                ctx.set(dut.batch, 0)
                cycles = 1
                while not ctx.get(dut.decided):
                    await ctx.tick()
                    cycles += 1
                assert cycles <= edc_decision_cycles(parameters)
                prediction = ctx.get(dut.prediction)
                answers.append((prediction.index, bool(prediction.keep_drafting)))
                carried.append(ctx.get(dut.prediction.as_value()))
                await ctx.tick()
            elif isinstance(operation, Verdict):
                ctx.set(dut.judged.as_value(), carried.popleft())
                ctx.set(dut.verdict, 1)
                ctx.set(dut.accepted, operation.accepted)
                await ctx.tick()
                ctx.set(dut.verdict, 0)
                await ctx.tick()
                if not operation.accepted:
                    carried.clear()
            else:
                ctx.set(dut.flush, 1)
                await ctx.tick()
                ctx.set(dut.flush, 0)
                carried.clear()

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    return answers
