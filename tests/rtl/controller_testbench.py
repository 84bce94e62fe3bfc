"""A core, a PIM and an NPU at the controller's ports, in Amaranth's simulator."""

from typing import Any

from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.controller import AhasdController
from ahasd.rtl.top.registers import offset_of

from .simulation import Recording, simulate


class Machine:
    """What stands around the controller."""

    def __init__(self, ctx: Any, dut: AhasdController) -> None:
        self.ctx, self.dut = ctx, dut

    async def write(self, register: str, value: int) -> None:
        """One cycle; in the next one something else is on the bus."""
        ctx, dut = self.ctx, self.dut
        ctx.set(dut.address, offset_of(register))
        ctx.set(dut.write_data, value)
        ctx.set(dut.write, 1)
        await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.address, 0)
        ctx.set(dut.write_data, 0xFFFF_FFFF)

    async def read(self, register: str) -> int:
        ctx, dut = self.ctx, self.dut
        ctx.set(dut.address, offset_of(register))
        await ctx.tick()
        value = ctx.get(dut.read_data)
        assert isinstance(value, int)
        return value

    async def until(self, signal: Any, limit: int = 2000) -> int:
        cycles = 0
        while not self.ctx.get(signal):
            await self.ctx.tick()
            cycles += 1
            assert cycles < limit, f"{signal} does not come"
        return cycles

    async def sample(self, kind: int, cycles: int, length: int) -> None:
        """Report a task as soon as the last one has been taken."""
        while await self.read("status") & 1:
            pass
        await self.write("sample_cycles", cycles)
        await self.write("sample", kind << 16 | length)

    async def tokens(self, words: list[int]) -> None:
        """Draft without an end of the batch."""
        ctx, dut = self.ctx, self.dut
        await self.until(dut.batch_ready)
        for word in words:
            ctx.set(dut.token, 1)
            ctx.set(dut.entropy, word)
            await ctx.tick()
        ctx.set(dut.token, 0)

    async def draft(self, words: list[int], start: int) -> None:
        """Draft a batch and leave the controller at its decision."""
        ctx, dut = self.ctx, self.dut
        await self.tokens(words)
        ctx.set(dut.batch, 1)
        ctx.set(dut.batch_start, start)
        ctx.set(dut.batch_length, len(words))
        await ctx.tick()
        ctx.set(dut.batch, 0)

    async def judge(self, accepted: int, fully: bool, leaves: bool = False) -> None:
        """Take the oldest batch off the queue and return a verdict on it."""
        ctx, dut = self.ctx, self.dut
        await self.until(dut.draft_valid)
        ctx.set(dut.verdict.prediction.as_value(), ctx.get(dut.draft.prediction.as_value()))
        ctx.set(dut.verdict.accepted, accepted)
        ctx.set(dut.verdict.fully, fully)
        ctx.set(dut.verdict.leaves, leaves)
        ctx.set(dut.verdict_push, 1)
        ctx.set(dut.draft_pop, 1)
        await ctx.tick()
        ctx.set(dut.verdict_push, 0)
        ctx.set(dut.draft_pop, 0)
        await self.until(dut.verdict_read)
        await ctx.tick()


async def configure(machine: Machine) -> None:
    """All on; idle ranks, 0–3 hold the target; 0.8 PIM cycles in an NPU cycle; tables of one sample each."""
    machine.ctx.set(machine.dut.units_idle, 1)
    await machine.write("enable", 0b111)
    await machine.write("target_ranks", 0x000F)
    await machine.write("clock_ratio", round(0.8 * 2**15))
    for kind, (cycles, length) in enumerate(((12500, 10), (600, 1), (1000, 1))):
        await machine.sample(kind, cycles, length)
    while await machine.read("status") & 0b101 != 0b100:
        pass


def play(
    bench: Any, parameters: HardwareParameters | None = None, recording: Recording | None = None
) -> None:
    dut = AhasdController(parameters or HardwareParameters())

    async def run(ctx: Any) -> None:
        await bench(Machine(ctx, dut))

    simulate(dut, run, recording)
