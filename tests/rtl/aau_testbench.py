"""Streams vectors through the AAU hardware in Amaranth's simulator."""

from typing import Any

import numpy as np

from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.aau.functions import Integers, Operation
from ahasd.rtl.aau.lane import GAIN_DELAY, LATENCY
from ahasd.rtl.parameters import HardwareParameters

from .simulation import Recording, simulate


class Streams:
    """A rank's banks at the unit's ports."""

    def __init__(self, ctx: Any, dut: Aau) -> None:
        self.ctx, self.dut = ctx, dut

    async def run(
        self,
        operation: Operation,
        values: Integers,
        gains: Integers | None = None,
        biases: Integers | None = None,
    ) -> Integers:
        """One pass; the results, if the pass has any."""
        ctx, dut, lanes = self.ctx, self.dut, self.dut.lanes
        ctx.set(dut.operation, operation)
        beats = -(-len(values) // lanes)
        found: list[int] = []
        for cycle in range(beats + LATENCY + 1):
            ctx.set(dut.beat, cycle < beats)
            ctx.set(dut.first, cycle == 0)
            if cycle < beats:
                part = values[cycle * lanes : (cycle + 1) * lanes]
                ctx.set(dut.mask, (1 << len(part)) - 1)
                ctx.set(dut.values, [*map(int, part)] + [0] * (lanes - len(part)))
            late = cycle - GAIN_DELAY
            if gains is not None and biases is not None and 0 <= late < beats:
                for port, numbers in ((dut.gains, gains), (dut.biases, biases)):
                    part = numbers[late * lanes : (late + 1) * lanes]
                    ctx.set(port, [*map(int, part)] + [0] * (lanes - len(part)))
            await ctx.tick()
            if ctx.get(dut.done):
                found += [ctx.get(dut.results[lane]) for lane in range(lanes)]
        numbers = np.array(found[: len(values)], dtype=np.int64)
        return numbers if operation is Operation.SOFTMAX else (numbers + 128) % 256 - 128

    async def factor(self, start: Any) -> int:
        """Compute the vector's factor; the cycles that took."""
        self.ctx.set(start, 1)
        await self.ctx.tick()
        self.ctx.set(start, 0)
        cycles = 1
        while not self.ctx.get(self.dut.ready):
            await self.ctx.tick()
            cycles += 1
        return cycles


def play(parameters: HardwareParameters, bench: Any, recording: Recording | None = None) -> None:
    dut = Aau(parameters)

    async def run(ctx: Any) -> None:
        await bench(Streams(ctx, dut), dut, ctx)

    simulate(dut, run, recording)
