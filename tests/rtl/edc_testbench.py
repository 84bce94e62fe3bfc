"""Plays a stimulus to the EDC hardware in Amaranth's simulator."""

from collections import deque
from typing import Any

from amaranth.sim import Simulator

from ahasd.rtl.controllers.edc import EntropyDraftController
from ahasd.rtl.parameters import HardwareParameters

from .edc_stimulus import Batch, Operation, Tokens, Verdict


def play(parameters: HardwareParameters, operations: list[Operation]) -> list[tuple[int, bool]]:
    """(index, keep drafting) of every batch."""
    dut, answers = EntropyDraftController(parameters), []
    carried: deque[int] = deque()

    async def bench(ctx: Any) -> None:
        # A process, not a testbench: it sets signals with the clock, so none of that costs a step of its own, and
        # it sleeps until there is a decision.
        async def pulse(signal: Any) -> None:
            ctx.set(signal, 1)
            await ctx.tick()
            ctx.set(signal, 0)

        async def tokens(words: tuple[int, ...]) -> None:
            ctx.set(dut.token, 1)
            for word in words:
                ctx.set(dut.entropy, word)
                await ctx.tick()
            ctx.set(dut.token, 0)

        with ctx.critical():
            await ctx.posedge(dut.ready)
            for operation in operations:
                if isinstance(operation, Tokens):
                    await tokens(operation.words)
                elif isinstance(operation, Batch):
                    await tokens(operation.words)
                    await pulse(dut.batch)
                    await ctx.posedge(dut.decided)
                    _, _, prediction = await ctx.tick().sample(dut.prediction.as_value())
                    carried.append(prediction)
                    answers.append(prediction)
                elif isinstance(operation, Verdict):
                    ctx.set(dut.judged.as_value(), carried.popleft())
                    ctx.set(dut.accepted, operation.accepted)
                    await pulse(dut.verdict)
                    await ctx.tick()
                    if not operation.accepted:
                        carried.clear()
                else:
                    await pulse(dut.flush)
                    carried.clear()

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_process(bench)
    simulator.run()
    edc = parameters.edc
    keep = edc.index_bits + edc.bucket_bits
    return [(word & (1 << edc.index_bits) - 1, bool(word >> keep)) for word in answers]
