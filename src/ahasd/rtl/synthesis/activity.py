"""How much switches while the hardware works: toggles counted in Amaranth's simulator."""

import re
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from amaranth.lib import wiring
from amaranth.sim import Simulator

from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.aau.functions import Operation
from ahasd.rtl.controllers.latency_memory import Kind
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.controller import AhasdController
from ahasd.rtl.top.registers import offset_of

_VARIABLE = re.compile(r"^\$var \w+ (\d+) (\S+) (\S+)")


@dataclass(frozen=True, slots=True)
class Activity:
    """Switching over a stretch of cycles.

    Attributes
    ----------
    cycles
        Clock cycles.
    bits
        Bits of all signals of the description.
    toggles
        Changes of single bits, the clock's apart.
    """

    cycles: int
    bits: int
    toggles: int

    @property
    def per_bit_and_cycle(self) -> float:
        """Share of the bits that change in a cycle."""
        return self.toggles / (self.bits * self.cycles)


def controller_activity(
    parameters: HardwareParameters, batches: Sequence[Sequence[float]], seed: int = 0
) -> Activity:
    """Activity of the controller while it works on draft batches, one after the other and without a pause.

    Each batch is drafted, decided on, popped by the NPU and judged; the tasks' cycles are reported and TVC is asked
    whenever EDC says stop.

    Parameters
    ----------
    batches
        Entropies of each batch's tokens, nats.
    seed
        For verdicts and durations.
    """
    dut, random, words = AhasdController(parameters), Random(seed), parameters.edc.fixed_point

    async def bench(ctx: Any) -> None:
        async def write(register: str, value: int) -> None:
            ctx.set(dut.address, offset_of(register))
            ctx.set(dut.write_data, value)
            await _pulse(ctx, dut.write)

        async def sample(kind: Kind, cycles: int, length: int) -> None:
            ctx.set(dut.address, offset_of("status"))
            await ctx.tick()
            while ctx.get(dut.read_data) & 1:  # the last one still waits
                await ctx.tick()
            await write("sample_cycles", cycles)
            await write("sample", kind << 16 | length)

        await write("enable", 0b111)
        await write("target_ranks", 1)
        await write("clock_ratio", round(0.8 * (1 << parameters.tvc.fixed_point.clock_ratio_bits)))
        ctx.set(dut.units_idle, 1)
        ctx.set(dut.unverified_tokens, 8)
        for place, batch in enumerate(batches):
            await _until(ctx, dut.batch_ready)
            for nats in batch:
                ctx.set(dut.entropy, words.units(nats))
                await _pulse(ctx, dut.token)
            ctx.set(dut.batch_start, place)
            ctx.set(dut.batch_length, len(batch))
            await _pulse(ctx, dut.batch)
            while not ctx.get(dut.resume):
                ctx.set(dut.preverified, ctx.get(dut.preverify))
                await ctx.tick()
            ctx.set(dut.preverified, 0)
            ctx.set(dut.verdict.prediction.as_value(), ctx.get(dut.draft.prediction.as_value()))
            ctx.set(dut.verdict.fully, random.random() < 0.7)
            ctx.set(dut.draft_pop, 1)
            await _pulse(ctx, dut.verdict_push)
            ctx.set(dut.draft_pop, 0)
            context = 128 + place
            await write("npu_kv_length", context)
            await sample(Kind.PIM_DRAFT, 50_000_000 * len(batch) + random.randrange(10**6), len(batch))
            await sample(Kind.NPU_VERIFICATION, 254_000_000 + random.randrange(10**6), context)

    return _count(dut, bench)


def aau_activity(parameters: HardwareParameters, beats: int = 64, seed: int = 0) -> Activity:
    """Activity of an AAU while random vectors stream through a norm without a pause."""
    dut, random = Aau(parameters), Random(seed)

    async def bench(ctx: Any) -> None:
        for operation in (Operation.REDUCE, Operation.NORM):
            ctx.set(dut.operation, operation)
            ctx.set(dut.length, beats * dut.lanes)
            ctx.set(dut.gain_shift, 8)
            ctx.set(dut.mask, (1 << dut.lanes) - 1)
            ctx.set(dut.beat, 1)
            for beat in range(beats):
                ctx.set(dut.first, beat == 0)
                for port in (dut.values, dut.gains, dut.biases):
                    ctx.set(port, [min(max(round(random.gauss(0, 40)), -128), 127) for _ in range(dut.lanes)])
                await ctx.tick()
            ctx.set(dut.beat, 0)
            await ctx.tick().repeat(6)
            if operation is Operation.REDUCE:
                await _pulse(ctx, dut.norm)
                await _until(ctx, dut.ready)

    return _count(dut, bench)


async def _pulse(ctx: Any, signal: Any) -> None:
    ctx.set(signal, 1)
    await ctx.tick()
    ctx.set(signal, 0)


async def _until(ctx: Any, signal: Any) -> None:
    while not ctx.get(signal):
        await ctx.tick()


def _count(dut: wiring.Component, bench: Callable[[Any], Awaitable[None]]) -> Activity:
    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "activity.vcd"
        with simulator.write_vcd(str(path)):
            simulator.run()
        return _read(path)


def _read(path: Path) -> Activity:
    """Count the changes in a value-change dump; a signal that shows in several places counts once."""
    widths: dict[str, int] = {}
    values: dict[str, int] = {}
    clock, cycles, toggles = "", 0, 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            declared = _VARIABLE.match(line)
            if declared is not None:
                widths[declared[2]] = int(declared[1])
                clock = declared[2] if declared[3] == "clk" else clock
                continue
            if line[0] == "b":
                bits, name = line[1:].split()
            elif line[0] in "01":
                bits, name = line[0], line[1:].strip()
            else:
                continue
            if name not in widths or not set(bits) <= {"0", "1"}:
                continue
            value = int(bits, 2)
            changed = (value ^ values.get(name, value)).bit_count()
            values[name] = value
            if name == clock:
                cycles += value & changed
            else:
                toggles += changed
    return Activity(cycles, sum(widths.values()) - 1, toggles)
