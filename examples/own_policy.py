"""A stop policy of your own: hand over once the chance that every drafted token is right falls below a half."""

import ahasd


class JointConfidence(ahasd.DraftingPolicy):
    """Stops when the product of the draft's own probabilities falls below a threshold."""

    def __init__(self, threshold: float, maximum_length: int = 16) -> None:
        super().__init__(maximum_length)
        self.threshold = threshold
        self.joint = 1.0

    def start(self, round: int) -> None:
        """Begin a batch."""
        super().start(round)
        self.joint = 1.0

    def _ends_batch(self, signals: ahasd.DraftSignals) -> bool:
        self.joint *= signals.draft_probability
        return self.joint < self.threshold


for threshold in (0.5, 0.1, 0.01):
    result = ahasd.simulate(system="npu-pim-async+aau", algorithm=JointConfidence(threshold), tokens=512)
    print(
        f"threshold {threshold:4.2f}: {result.tokens_per_second:5.2f} tokens/s, "
        f"{result.joules_per_token:.3f} J/token, {result.speculation.wasted} wasted"
    )
print(result.verdict.sentence)
