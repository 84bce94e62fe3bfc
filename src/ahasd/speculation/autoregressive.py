"""The target alone: one pass, one token."""

from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.timeline import Timeline
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.model_step import Fate, ModelStep
from ahasd.speculation.options.schedules import AutoregressiveOptions
from ahasd.speculation.schedule import Schedule, SpeculationOutcome
from ahasd.traces.rollout.walk import TraceWalk


class Autoregressive(Schedule[AutoregressiveOptions]):
    """Plain decoding; neither the walk nor the policy is asked."""

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> SpeculationOutcome:
        """Decode; see :meth:`decode`."""
        return self.decode(tokens)

    def decode(self, tokens: int) -> SpeculationOutcome:
        """Decode one token of each text a pass, until each has so many."""
        steps, prompt, texts = (
            self.machine.target_steps,
            self.machine.lengths.prompt,
            self.machine.lengths.texts,
        )
        now, timeline, ledger = 0, Timeline[ModelStep](), TokenLedger(tokens * texts, watch=self.watch)
        while not ledger.complete:
            context = prompt + ledger.emitted // texts - 1
            cost = steps.cost(1, context)
            end = now + to_picoseconds(cost.seconds)
            timeline.add(
                ModelStep(steps.name, "decode", now, end, cost, width=1, context=context, fate=Fate.USED)
            )
            for _ in range(texts):
                ledger.verified(accepted=0)
            ledger.emit(accepted=0, own=texts, now=end)
            now = end
        return SpeculationOutcome(now, timeline, ledger)
