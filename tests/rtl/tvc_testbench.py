"""Plays a stimulus to the TVC hardware in Amaranth's simulator."""

from typing import Any

from amaranth.sim import Simulator

from ahasd.rtl.controllers.tvc import TimeAwareVerificationController
from ahasd.rtl.parameters import HardwareParameters

from .tvc_stimulus import Question, Sample


def play(
    parameters: HardwareParameters, clock_ratio: int, operations: list[Sample | Question]
) -> tuple[list[int], int, int]:
    """Answers, and the most cycles that an answer and an update took."""
    dut, answers = TimeAwareVerificationController(parameters), []
    slowest = {"answer": 0, "update": 0}

    async def bench(ctx: Any) -> None:
        ctx.set(dut.clock_ratio, clock_ratio)
        for operation in operations:
            cycles = 1
            if isinstance(operation, Sample):
                for name in ("kind", "cycles", "length"):
                    ctx.set(getattr(dut, name), int(getattr(operation, name)))
                ctx.set(dut.sample, 1)
                await ctx.tick()
                ctx.set(dut.sample, 0)
                while not ctx.get(dut.ready):
                    await ctx.tick()
                    cycles += 1
                slowest["update"] = max(slowest["update"], cycles)
            else:
                for name in ("kv_length", "elapsed", "unverified"):
                    ctx.set(getattr(dut, name), getattr(operation, name))
                ctx.set(dut.consult, 1)
                await ctx.tick()
                ctx.set(dut.consult, 0)
                while not ctx.get(dut.done):
                    await ctx.tick()
                    cycles += 1
                slowest["answer"] = max(slowest["answer"], cycles)
                answers.append(ctx.get(dut.tokens))
                await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    return answers, slowest["answer"], slowest["update"]
