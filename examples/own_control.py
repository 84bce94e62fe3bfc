"""A control of your own, token by token: verify every four drafts, and never be more than eight ahead."""

from math import inf

import ahasd


class Steady(ahasd.Pilot):
    """Keeps both sides busy without learning anything."""

    def starts_pass(self, choice: ahasd.PassChoice) -> bool:
        """With four tokens, or when no more will come."""
        return choice.visible - choice.verified >= 4 or choice.next_token_s == inf

    def drafts(self, choice: ahasd.StepChoice) -> bool:
        """While fewer than eight wait for a verdict."""
        return choice.drafted - choice.verified < 8

    def judged(self, chain: ahasd.DraftChain, verified: int, until: int, rejected: bool) -> None:
        """Nothing is learned."""


for control in (Steady(), None):
    result = ahasd.simulate(system="npu-pim-async+aau", algorithm="fixed:4", control=control, tokens=256)
    name = "paper" if control is None else type(control).__name__
    print(f"{name:6}: {result.tokens_per_second:.2f} tokens/s, {result.joules_per_token:.3f} J/token")
