"""The joined controller, driven over its ports and registers as PIM, NPU and a core would."""

from ahasd.rtl.latencies import rank_switch_cycles
from ahasd.rtl.top.registers import IDENTITY, Interrupt

from .controller_scenario import STOPPING, Scenario
from .controller_testbench import configure, play


def test_a_core_finds_the_block_and_keeps_its_settings():
    async def bench(machine):
        assert await machine.read("identity") == IDENTITY
        await machine.write("verify_poll", 1234)
        assert await machine.read("verify_poll") == 1234
        await machine.write("identity", 0)
        assert await machine.read("identity") == IDENTITY

    play(bench)


def test_a_run_by_chance_is_decided_as_by_the_simulators_classes():
    counts = {}

    async def bench(machine):
        await configure(machine)
        scenario = Scenario(machine, STOPPING, seed=3)
        await scenario.play(batches=45)
        counts.update(scenario.counts)

    play(bench, STOPPING)
    # Both decisions, both verdicts and pre-verifications occur.
    assert all(count >= 3 for count in counts.values())
    assert counts["consulted"] > counts["preverifications"]


async def tokens_answered(machine):
    """n for 8 tokens, at context 10 after 5000 NPU cycles: the tables of ``configure`` leave 5400 PIM cycles."""
    ctx, dut = machine.ctx, machine.dut
    await machine.write("npu_kv_length", 10)
    await machine.write("npu_elapsed", 5000)
    ctx.set(dut.unverified_tokens, 8)
    await machine.draft([10], start=0)
    await machine.until(dut.preverify)
    return ctx.get(dut.preverification.tokens)


def test_a_sample_is_kept_while_the_core_goes_on_and_a_second_one_is_refused():
    async def bench(machine):
        await configure(machine)
        await machine.write("sample_cycles", 600)
        await machine.write("sample", 1 << 16 | 1)  # TVC takes it and is busy
        await machine.write("sample_cycles", 9000)
        await machine.write("sample", 2 << 16 | 3)  # waits
        await machine.write("sample_cycles", 77)
        assert await machine.read("status") & 1
        assert not await machine.read("interrupt_flags") & Interrupt.QUEUE_REFUSED
        await machine.write("sample", 2 << 16 | 1)  # one too many
        assert await machine.read("interrupt_flags") & Interrupt.QUEUE_REFUSED
        # Pre-verifications took 1000 and 9000 / 3 cycles a token, so 5400 are enough for ⌊5400 / 2000⌋.
        assert await tokens_answered(machine) == 2

    play(bench, STOPPING)


def test_a_sample_of_no_length_is_a_fault_and_is_left_out():
    async def bench(machine):
        await configure(machine)
        await machine.write("sample", 2 << 16)
        assert await machine.read("interrupt_flags") & Interrupt.FAULT
        assert await tokens_answered(machine) == 5

    play(bench, STOPPING)


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


def test_a_text_that_goes_on_elsewhere_after_an_acceptance_clears_what_was_drafted_on():
    async def bench(machine):
        ctx, dut = machine.ctx, machine.dut
        await configure(machine)
        for start in (0, 2, 4):
            await machine.draft([300, 400], start)
            await machine.until(dut.resume)
            await ctx.tick()
        await machine.tokens([4000])  # of a batch that the verdict cuts off
        await machine.judge(2, fully=True, leaves=True)
        await machine.draft([10], start=9)
        await machine.until(dut.resume)
        await ctx.tick()
        decision = await machine.read("decision")
        # The history is all in bucket 0 again, and one batch is unverified.
        assert (decision >> 16 & 0xFFF, decision >> 28) == (1, 1)
        assert await machine.read("queue_levels") == 1
        assert ctx.get(dut.draft.start) == 9
        assert (await machine.read("accepted_batches"), await machine.read("rejected_batches")) == (1, 0)

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
