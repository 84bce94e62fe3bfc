"""A run of the joined controller whose every decision the simulator's classes make as well."""

from collections import deque
from random import Random

from ahasd.rtl.controllers.latency_memory import Kind
from ahasd.rtl.parameters import HardwareParameters
from ahasd.speculation.control.edc.edc import EdcPrediction, EntropyDraftControl, EntropyDraftControlOptions
from ahasd.speculation.control.tvc.tvc import OfflineProfile, TimeAwareVerificationControl

from .controller_testbench import Machine

PROFILE = OfflineProfile(
    npu_verification_cycles=12500, kv_length=10, pim_draft_cycles=600, pim_preverification_cycles=1000
)
#: As ``configure`` sets them.
NPU_CLOCK_HZ, PIM_CLOCK_HZ = 1e9, 0.8e9
TARGET_RANKS, DRAFT_RANKS = 0x000F, 0xFFF0

STOPPING = HardwareParameters(edc=EntropyDraftControlOptions(arithmetic="fixed", initial_counter=1))
"""Every untrained counter says stop."""


class Scenario:
    """Drafts, verdicts, samples and pre-verifications by chance, and what they must lead to."""

    def __init__(self, machine: Machine, parameters: HardwareParameters, seed: int) -> None:
        self.machine, self.random = machine, Random(seed)
        self.edc = EntropyDraftControl(parameters.edc)
        self.tvc = TimeAwareVerificationControl(parameters.tvc, PROFILE, NPU_CLOCK_HZ, PIM_CLOCK_HZ)
        self.open: deque[tuple[EdcPrediction, float]] = deque()
        self.counts = dict.fromkeys(
            (
                "decisions",
                "kept_drafting",
                "consulted",
                "preverifications",
                "preverified_tokens",
                "accepted_batches",
                "rejected_batches",
                "rank_switches",
            ),
            0,
        )
        self.start = 0
        self.begun: list[int] = []

    async def play(self, batches: int) -> None:
        while self.counts["decisions"] < batches:
            draw = self.random.random()
            if self.open and draw < 0.4:
                await self._judge()
            elif draw < 0.5:
                await self._sample()
            else:
                await self._draft()
        for name, count in self.counts.items():
            assert await self.machine.read(name) == count, name

    async def _draft(self) -> None:
        machine, ctx, dut, random = self.machine, self.machine.ctx, self.machine.dut, self.random
        words = [random.randrange(2000) for _ in range(random.choice((1, 3, 4, 9)))]
        elapsed, context, unverified = random.randrange(20_000), random.randrange(1, 40), random.randrange(12)
        await machine.write("npu_kv_length", context)
        await machine.write("npu_elapsed", elapsed)
        ctx.set(dut.unverified_start, self.start)
        ctx.set(dut.unverified_tokens, unverified)
        await machine.draft(words, self.start)
        words = self.begun + words
        self.begun = []
        mean = sum(words) / len(words) / 256
        prediction = self.edc.batch_drafted(mean)
        self.open.append((prediction, mean))
        self.counts["decisions"] += 1
        self.counts["kept_drafting"] += prediction.keep_drafting
        tokens = 0
        if not prediction.keep_drafting:
            self.counts["consulted"] += 1
            tokens = self.tvc.tokens_to_preverify(context, elapsed, unverified)
        if tokens:
            await self._preverify(tokens)
        else:
            await machine.until(dut.resume)
            assert ctx.get(dut.rank_enable) == DRAFT_RANKS
        await ctx.tick()
        decision = await machine.read("decision")
        assert (decision & 1, decision >> 8 & 0xFF) == (prediction.keep_drafting, tokens)
        assert (decision >> 16 & 0xFFF, decision >> 28) == (prediction.index, self.edc.llr)
        assert await machine.read("queue_levels") & 0xFF == len(self.open)
        self.start += len(words)

    async def _preverify(self, tokens: int) -> None:
        machine, ctx, dut = self.machine, self.machine.ctx, self.machine.dut
        await machine.until(dut.preverify)
        assert ctx.get(dut.rank_enable) == TARGET_RANKS
        assert ctx.get(dut.preverification.start) == self.start
        assert ctx.get(dut.preverification.tokens) == tokens
        await ctx.tick()
        ctx.set(dut.preverified, 1)
        await ctx.tick()
        ctx.set(dut.preverified, 0)
        await machine.until(dut.resume)
        assert ctx.get(dut.rank_enable) == DRAFT_RANKS
        self.counts["preverifications"] += 1
        self.counts["preverified_tokens"] += tokens
        self.counts["rank_switches"] += 2

    async def _judge(self) -> None:
        fully = self.random.random() < 0.6
        leaves = fully and self.random.random() < 0.2
        prediction, mean = self.open.popleft()
        if self.random.random() < 0.3:
            # Tokens of the next batch are there already: they go with a rejection, and stay after an acceptance.
            words = [self.random.randrange(2000) for _ in range(2)]
            await self.machine.tokens(words)
            self.begun += words
        await self.machine.judge(int(fully), fully, leaves)
        self.edc.batch_verified(prediction, mean, fully)
        self.counts["accepted_batches" if fully else "rejected_batches"] += 1
        if leaves or not fully:
            self.edc.flush()
            self.open.clear()
            self.begun.clear()
            # The queue is cleared when EDC has forgotten, some cycles later.
            await self.machine.until(self.machine.dut.batch_ready)

    async def _sample(self) -> None:
        kind, length = self.random.choice(list(Kind)), self.random.randrange(1, 40)
        cycles = self.random.randrange(200, 1600) * length
        await self.machine.sample(kind, cycles, length)
        tvc = self.tvc
        {
            Kind.NPU_VERIFICATION: tvc.npu_verified,
            Kind.PIM_DRAFT: tvc.drafted,
            Kind.PIM_PREVERIFICATION: tvc.preverified,
        }[kind](cycles, length)
