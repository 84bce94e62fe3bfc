"""Draft a block while the target verifies the block before it and the new one's first token."""

from ahasd.simulation.engine import Engine
from ahasd.simulation.polling import PollingClock
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.asynchronous.contention import Contention
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.machine import Machine
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.speculation.options.schedules import PearlOptions
from ahasd.speculation.schedule import Schedule, SpeculationOutcome
from ahasd.traces.rollout.chain import DraftChain
from ahasd.traces.rollout.walk import TraceWalk


class Pearl(Schedule[PearlOptions]):
    """Parallel speculative decoding with pre-verification and post-verification (PEARL, arXiv 2408.11850).

    In a round the draft writes a block, and meanwhile the target passes over the last token of the text and the
    tokens of the block before that have no verdict yet. Its logits judge these (post-verify) and the first token of
    the new block, which the draft writes in this very round (pre-verify; nothing else after a rejection). Both sides
    wait for each other, then exchange tokens and probabilities. All accepted: the rest of the new block waits for
    the next pass, and there is no bonus token, since the draft has written that position. Otherwise the target's own
    token replaces the first rejected one, and both start anew behind it. This is the loop of the authors' code
    (smart-lty/ParallelSpeculativeDecoding), whose passes of one and of γ tokens are both "pending + 1" here.

    ``block_length`` says who ends a block: the ratio of the speeds of draft and target (the paper's
    choice of γ; a pass over one token at the length of the prompt, over a draft step), or the drafting policy.
    Neither lets more tokens go unverified than the caches have room for.
    """

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Decode round by round."""
        assert policy is not None, "a parallel schedule drafts"
        self._engine, self._timeline = Engine(), Timeline[ModelStep]()
        self._ledger = TokenLedger(tokens, watch=self.watch)
        self._contention = Contention(self._engine, self.machine)
        self._clock = PollingClock(self.machine.messages.polling_ps)
        self._walk, self._chain = walk, walk.start()
        self._base = 0  # tokens emitted when the chain began
        self._verified = 0  # its tokens that are text
        self._drafts: list[ModelStep] = []  # its draft steps, by offset
        self._blocks = DraftBatches(policy)
        self._gamma = speed_ratio(self.machine) if self.options.block_length == "speed_ratio" else None
        self._begin()
        self._engine.run(lambda: self._ledger.complete)
        return SpeculationOutcome(self._engine.now, self._timeline, self._ledger)

    def _begin(self) -> None:
        """Start both sides of a round."""
        machine = self.machine
        self._blocks.begin()
        pending = len(self._drafts) - self._verified
        context = machine.lengths.prompt + self._ledger.emitted - 1
        steps, now = machine.target_steps, self._engine.now
        cost = steps.cost(pending + 1, context)
        self._pass = ModelStep(steps.name, "verify", now, now, cost, width=pending + 1, context=context)
        self._running = 2
        self._contention.start_pass(self._timeline.add(self._pass), self._side_done, priority=1)
        self._draft()

    def _draft(self) -> None:
        steps, now, chain = self.machine.drafter, self._engine.now, self._chain
        context = self.machine.lengths.prompt + self._base + len(self._drafts) - 1
        task = ModelStep(steps.name, "draft", now, now, steps.cost(1, context), width=1, context=context)
        self._contention.start_step(self._timeline.add(task), lambda: self._drafted(chain, task))

    def _drafted(self, chain: DraftChain, task: ModelStep) -> None:
        self._ledger.drafted += 1
        self._blocks.add(chain.signals(len(self._drafts)), task.start)
        self._drafts.append(task)
        if self._block_ends():
            self._block = self._blocks.close()
            self._blocks.hand_over(self._block)
            self._side_done()
        else:
            self._draft()

    def _block_ends(self) -> bool:
        if len(self._drafts) - self._verified >= self.machine.lengths.look_ahead:
            return True
        if self._gamma is not None:
            return self._blocks.length >= self._gamma
        return self._blocks.ends()

    def _side_done(self) -> None:
        """Both sides meet at the end of a round, and each tells the other what it has."""
        self._running -= 1
        if not self._running:
            arrival = self._clock.visible_at(self._engine.now + self.machine.messages.transfer_ps)
            self._engine.at(arrival, self._judge)

    def _judge(self) -> None:
        ledger, chain, now = self._ledger, self._chain, self._engine.now
        until = self._block.start + 1  # the first token of the new block is the last with a verdict
        first = self._verified
        while self._verified < until and chain.accepted(self._verified):
            self._drafts[self._verified].fate = Fate.ACCEPTED
            self._verified += 1
        accepted, rejected = self._verified - first, self._verified < until
        self._pass.fate = Fate.USED
        ledger.verified(accepted)
        ledger.emit(accepted, own=int(rejected), now=now)
        self._blocks.settle(self._verified, rejected, now)
        if rejected:
            self._restart()
        if not ledger.complete:
            self._begin()

    def _restart(self) -> None:
        """The target's own token stands where a draft was rejected; what was drafted after it is void."""
        self._drafts[self._verified].fate = Fate.REJECTED
        self._ledger.rejected += 1
        for task in self._drafts[self._verified + 1 :]:
            task.fate = Fate.FLUSHED
            self._ledger.flushed += 1
        self._chain = self._walk.after(self._chain, self._verified)
        self._base, self._verified, self._drafts = self._ledger.emitted, 0, []
        self._blocks.restart(0)


def speed_ratio(machine: Machine) -> int:
    """Draft steps that take as long as a pass of the target over one token, at least 1: γ in PEARL."""
    context = machine.lengths.prompt - 1
    seconds = machine.target_steps.cost(1, context).seconds / machine.drafter.cost(1, context).seconds
    return max(1, round(seconds))
