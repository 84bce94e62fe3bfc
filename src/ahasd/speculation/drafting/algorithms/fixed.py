"""Fixed-length drafting: the same number of tokens every round (Leviathan et al., arXiv 2211.17192)."""

from typing import ClassVar

from ahasd.speculation.drafting.algorithm import Algorithm, Parameter
from ahasd.speculation.drafting.policy import DraftingPolicy
from ahasd.traces.rollout.walk import DraftSignals


class FixedLength(DraftingPolicy):
    """Stops at a set length, whatever the draft says.

    Parameters
    ----------
    length
        Tokens per batch.
    """

    asks_seconds: ClassVar[bool] = False

    def __init__(self, length: int) -> None:
        super().__init__(maximum_length=length)

    def _ends_batch(self, signals: DraftSignals) -> bool:
        return False


FIXED = Algorithm(
    name="fixed",
    description="the same number of tokens every round, e.g. fixed:4 (arXiv 2211.17192)",
    parameters=(Parameter("length", None, "given by the user", low=1, high=1024, integer=True),),
    build=lambda parameters: FixedLength(int(parameters["length"])),
    length_limit="length",
    positional="length",
)
