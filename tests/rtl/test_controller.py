"""The joined controller, driven over its ports and registers as PIM, NPU and a core would."""

from typing import Any

from amaranth.sim import Simulator

from ahasd.control.edc import EntropyDraftControlOptions
from ahasd.rtl.controller import AhasdController
from ahasd.rtl.latencies import rank_switch_cycles
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.registers import IDENTITY, Interrupt, offset_of


class Machine:
    """A core, a PIM and an NPU at the controller's ports."""

    def __init__(self, ctx: Any, dut: AhasdController) -> None:
        self.ctx, self.dut = ctx, dut

    async def write(self, register: str, value: int) -> None:
        ctx, dut = self.ctx, self.dut
        ctx.set(dut.address, offset_of(register))
        ctx.set(dut.write_data, value)
        ctx.set(dut.write, 1)
        await ctx.tick()
        ctx.set(dut.write, 0)

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

    async def draft(self, words: list[int], start: int) -> None:
        """Draft a batch and leave the controller at its decision."""
        ctx, dut = self.ctx, self.dut
        await self.until(dut.batch_ready)
        for word in words:
            ctx.set(dut.token, 1)
            ctx.set(dut.entropy, word)
            await ctx.tick()
        ctx.set(dut.token, 0)
        ctx.set(dut.batch, 1)
        ctx.set(dut.batch_start, start)
        ctx.set(dut.batch_length, len(words))
        await ctx.tick()
        ctx.set(dut.batch, 0)

    async def judge(self, accepted: int, fully: bool) -> None:
        """Take the oldest batch off the queue and return a verdict on it."""
        ctx, dut = self.ctx, self.dut
        await self.until(dut.draft_valid)
        ctx.set(dut.verdict.prediction.as_value(), ctx.get(dut.draft.prediction.as_value()))
        ctx.set(dut.verdict.accepted, accepted)
        ctx.set(dut.verdict.fully, fully)
        ctx.set(dut.verdict_push, 1)
        ctx.set(dut.draft_pop, 1)
        await ctx.tick()
        ctx.set(dut.verdict_push, 0)
        ctx.set(dut.draft_pop, 0)
        await self.until(dut.verdict_read)
        await ctx.tick()


def play(bench: Any, parameters: HardwareParameters | None = None) -> None:
    dut = AhasdController(parameters or HardwareParameters())

    async def run(ctx: Any) -> None:
        await bench(Machine(ctx, dut))

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(run)
    simulator.run()


async def configure(machine: Machine) -> None:
    """All on; ranks 0–3 hold the target; 0.8 PIM cycles in an NPU cycle; tables of one sample each."""
    await machine.write("enable", 0b111)
    await machine.write("target_ranks", 0x000F)
    await machine.write("clock_ratio", round(0.8 * 2**15))
    for kind, (cycles, length) in enumerate(((12500, 10), (600, 1), (1000, 1))):
        await machine.write("sample_cycles", cycles)
        await machine.write("sample", kind << 16 | length)
        await machine.ctx.tick().repeat(120)


STOPPING = HardwareParameters(edc=EntropyDraftControlOptions(arithmetic="fixed", initial_counter=1))
"""Every untrained counter says stop."""


def test_a_core_finds_the_block_and_keeps_its_settings():
    async def bench(machine):
        assert await machine.read("identity") == IDENTITY
        await machine.write("verify_poll", 1234)
        assert await machine.read("verify_poll") == 1234
        await machine.write("identity", 0)
        assert await machine.read("identity") == IDENTITY

    play(bench)


def test_a_kept_decision_resumes_drafting_without_tvc():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await configure(machine)
        await machine.draft([100, 200, 300], start=17)
        await machine.until(dut.resume)
        assert (ctx.get(dut.draft.start), ctx.get(dut.draft.length)) == (17, 3)
        await ctx.tick()
        decision = await machine.read("decision")
        assert decision & 0b11 == 0b01
        # History all in bucket 0, one unverified batch: index 1, LLR 1.
        assert (decision >> 16 & 0xFFF, decision >> 28) == (1, 1)
        assert await machine.read("consulted") == 0
        assert await machine.read("queue_levels") == 1

    play(bench)


def test_a_stop_asks_tvc_and_switches_the_ranks_there_and_back():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await configure(machine)
        assert ctx.get(dut.rank_enable) == 0xFFF0
        # As in tests/control: C_NPU 10000, C_now 0.8 · 5000 = 4000, a draft 600, so 5400 left: n = 5.
        await machine.write("npu_kv_length", 10)
        await machine.write("npu_elapsed", 5000)
        ctx.set(dut.unverified_start, 20)
        ctx.set(dut.unverified_tokens, 8)
        ctx.set(dut.units_idle, 1)
        await machine.draft([10], start=0)
        await machine.until(dut.preverify)
        assert ctx.get(dut.rank_enable) == 0x000F
        assert (ctx.get(dut.preverification.start), ctx.get(dut.preverification.tokens)) == (20, 5)
        await ctx.tick()
        assert await machine.read("queue_levels") == 0x010001
        ctx.set(dut.preverified, 1)
        await ctx.tick()
        ctx.set(dut.preverified, 0)
        # The gate is asked when the queue's level shows the pop, a cycle later.
        assert await machine.until(dut.resume) <= rank_switch_cycles(STOPPING) + 1
        assert ctx.get(dut.rank_enable) == 0xFFF0
        await ctx.tick()
        for name, count in (("preverifications", 1), ("preverified_tokens", 5), ("rank_switches", 2)):
            assert await machine.read(name) == count, name

    play(bench, STOPPING)


def test_nothing_is_preverified_while_no_verification_runs():
    async def bench(machine):
        await configure(machine)
        machine.ctx.set(machine.dut.unverified_tokens, 8)
        await machine.draft([10], start=0)
        await machine.until(machine.dut.resume)
        assert await machine.read("consulted") == 0

    play(bench, STOPPING)


def test_a_rejection_clears_the_unverified_queue_and_is_counted():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await configure(machine)
        for start in (0, 2, 4):
            await machine.draft([300, 400], start)
            await machine.until(dut.resume)
            await ctx.tick()
        await machine.judge(2, fully=True)
        await machine.judge(1, fully=False)
        await ctx.tick()
        assert await machine.read("queue_levels") == 0
        assert await machine.read("queue_peaks") == 3 | 1 << 8
        assert (await machine.read("accepted_batches"), await machine.read("rejected_batches")) == (1, 1)

    play(bench)


def test_interrupt_flags_are_raised_enabled_and_cleared():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await configure(machine)
        await machine.draft([5], 0)
        await machine.until(dut.resume)
        await ctx.tick()
        assert await machine.read("interrupt_flags") == Interrupt.DECISION
        assert not ctx.get(dut.interrupt)
        await machine.write("interrupt_enable", Interrupt.DECISION)
        assert ctx.get(dut.interrupt)
        await machine.write("interrupt_clear", Interrupt.DECISION)
        assert not ctx.get(dut.interrupt)
        assert await machine.read("interrupt_flags") == 0

    play(bench)


def test_the_poll_interrupt_comes_once_per_interval():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await machine.write("interrupt_enable", Interrupt.VERIFY_POLL)
        await machine.write("verify_poll", 50)
        times, cycle = [], 0
        while len(times) < 3:
            if ctx.get(dut.interrupt):
                times.append(cycle)
                await machine.write("interrupt_clear", Interrupt.VERIFY_POLL)
                cycle += 1
            await ctx.tick()
            cycle += 1
        assert times[1] - times[0] == times[2] - times[1] == 50

    play(bench)


def test_a_verdict_without_a_batch_is_a_fault():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await machine.until(dut.batch_ready)
        ctx.set(dut.verdict_push, 1)
        await ctx.tick()
        ctx.set(dut.verdict_push, 0)
        await machine.until(dut.verdict_read)
        await ctx.tick()
        assert await machine.read("interrupt_flags") & Interrupt.FAULT

    play(bench)
