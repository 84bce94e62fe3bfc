"""A stop policy of your own: hand over once the chance that every drafted token is right falls below a half."""

from ahasd.speculation.build_schedule import build_schedule
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.speculation.run import build_machine
from ahasd.traces.rollout.walk import DraftSignals, TraceWalk


class JointConfidence(DraftingPolicy):
    """Stops when the product of the draft's own probabilities falls below a threshold."""

    def __init__(self, threshold: float, maximum_length: int = 16) -> None:
        super().__init__(maximum_length)
        self.threshold = threshold
        self.joint = 1.0

    def start(self, round: int) -> None:
        """Begin a batch."""
        super().start(round)
        self.joint = 1.0

    def _ends_batch(self, signals: DraftSignals) -> bool:
        self.joint *= signals.draft_probability
        return self.joint < self.threshold


resolved = resolve(RunConfiguration.checked(system="npu-pim-async+aau", algorithm="fixed:4", tokens=512))
machine = build_machine(resolved).machine
for threshold in (0.5, 0.1, 0.01):
    walk = TraceWalk(resolved.trace, seed=0)
    outcome = build_schedule(machine, resolved.system).run(walk, JointConfidence(threshold), tokens=512)
    ledger = outcome.ledger
    print(
        f"threshold {threshold:4.2f}: {512 / (outcome.end * 1e-12):5.2f} tokens/s, "
        f"{ledger.emitted / ledger.verifications:.2f} tokens per pass, {ledger.drafted - ledger.accepted} wasted"
    )
