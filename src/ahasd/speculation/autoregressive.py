"""The target alone: one pass, one token."""

from ahasd.simulation.engine import to_picoseconds
from ahasd.simulation.timeline import Fate, Task, Timeline
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.ledger import TokenLedger
from ahasd.speculation.schedule import Outcome, Schedule
from ahasd.traces.rollout.walk import TraceWalk


class Autoregressive(Schedule):
    """Plain decoding; neither the walk nor the policy is asked."""

    def run(self, walk: TraceWalk, policy: DraftingPolicy | None, tokens: int) -> Outcome:
        """Decode; see :meth:`decode`."""
        return self.decode(tokens)

    def decode(self, tokens: int) -> Outcome:
        """Decode one token a pass."""
        steps, prompt = self.machine.target_steps, self.machine.lengths.prompt
        timeline, ledger, now = Timeline(), TokenLedger(tokens, watch=self.watch), 0
        while not ledger.complete:
            context = prompt + ledger.emitted - 1
            cost = steps.cost(1, context)
            end = now + to_picoseconds(cost.seconds)
            timeline.add(Task(steps.name, "decode", now, end, 1, context, cost, Fate.USED))
            ledger.verified(accepted=0)
            ledger.emit(accepted=0, own=1, now=end)
            now = end
        return Outcome(now, timeline, ledger)
