"""Draft, then verify, in turn."""

from ahasd.hardware.step_table import StepCosts
from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.speculation.options.schedules import SerialOptions
from ahasd.speculation.schedule import Schedule, SpeculationOutcome
from ahasd.traces.rollout.walk import DraftChain, TraceWalk


class Serial(Schedule[SerialOptions]):
    """A round drafts until the policy stops, and verifies all of it in one pass of one token more.

    It emits the accepted tokens and one of the target's own (Leviathan et al., arXiv 2211.17192). After full
    acceptance the draft has seen neither its last token nor the bonus; the option ``catch_up`` says how
    it makes up for that, and for the tokens of rounds in which the policy wanted no drafts.
    """

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Decode round by round."""
        assert policy is not None, "a serial schedule drafts"
        self._timeline, self._now = Timeline[ModelStep](), 0
        self._ledger = TokenLedger(tokens, watch=self.watch)
        batches, chain, unseen = DraftBatches(policy), walk.start(), 1
        while not self._ledger.complete:
            began = self._now
            drafts = self._draft(chain, batches, unseen) if batches.drafts() else []
            accepted = self._verify(chain, drafts)
            if drafts:
                unseen = 2 if accepted == len(drafts) else 1
            else:
                batches.passed_alone(began, self._now)
                unseen += 1
            batches.settle(accepted, rejected=accepted < len(drafts), now=self._now)
            batches.restart(0)
            chain = walk.after(chain, accepted)
        return SpeculationOutcome(self._now, self._timeline, self._ledger)

    def _draft(self, chain: DraftChain, batches: DraftBatches, unseen: int) -> list[ModelStep]:
        """Draft one batch; ``unseen`` tokens of the text are new to the draft."""
        steps = self.machine.drafter
        text, began = self.machine.lengths.prompt + self._ledger.emitted, self._now
        batches.begin()
        if unseen > 1 and self.options.catch_up == "separate":
            self._step(steps, "catch_up", unseen - 1, text - unseen).fate = Fate.USED
            unseen = 1
        drafts: list[ModelStep] = []
        stop = False
        while not stop:
            width = 1 if drafts else unseen
            drafts.append(self._step(steps, "draft", width, text + len(drafts) - width))
            batches.add(chain.signals(len(drafts) - 1), began)
            stop = batches.ends()
        batches.hand_over(batches.close())
        self._ledger.drafted += len(drafts)
        return drafts

    def _verify(self, chain: DraftChain, drafts: list[ModelStep]) -> int:
        ledger = self._ledger
        context = self.machine.lengths.prompt + ledger.emitted - 1
        self._step(self.machine.target_steps, "verify", len(drafts) + 1, context).fate = Fate.USED
        accepted = 0
        while accepted < len(drafts) and chain.accepted(accepted):
            drafts[accepted].fate = Fate.ACCEPTED
            accepted += 1
        for offset, task in enumerate(drafts[accepted:]):
            task.fate = Fate.FLUSHED if offset else Fate.REJECTED
        if accepted < len(drafts):
            ledger.rejected += 1
            ledger.flushed += len(drafts) - accepted - 1
        ledger.verified(accepted)
        ledger.emit(accepted, own=1, now=self._now)
        return accepted

    def _step(self, steps: StepCosts, kind: str, width: int, context: int) -> ModelStep:
        cost = steps.cost(width, context)
        end = self._now + to_picoseconds(cost.seconds)
        task = self._timeline.add(
            ModelStep(steps.name, kind, self._now, end, cost, width=width, context=context)
        )
        self._now = end
        return task
