"""H2EAL's speed and energy over dense attention on the same device."""

from dataclasses import dataclass
from functools import cache

from ahasd.claims.h2eal.condition import H2ealCondition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.place import place
from ahasd.sparse_attention.step.decode_step import DecodeStep, decode_step

#: On Llama-3.1-8B, half of its heads streaming: the model of the paper's size whose head pattern is public (ours).
MODEL = "llama-3.1-8b"

#: Changes that make everything free but reading banks.
_FREE = (
    "routers.ideal=true",
    "routers.hop_ns=0",
    "banks.append_ns=0",
    "banks.channel_gb_s=1e9",
    "npu.selection_g_per_second=1e9",
)


@cache
def _step(system: str, mapping: str, context: str, page: int, budget: int, free: bool) -> DecodeStep:
    asked = SparseAttentionConfiguration.checked(
        system=system,
        model=MODEL,
        context=context,
        page=page,
        budget=budget,
        tokens=1,
        set=(f"system.mapping={mapping}", *(_FREE if free else ())),
    )
    placed = place(asked, must_fit=False)  # 128k tokens of this model fit, as its runs say
    return decode_step(placed.attention, placed.device, 1, placed.contexts[0])


@dataclass(frozen=True, slots=True)
class OverDense:
    """By what factor dense attention takes longer, or more energy.

    Attributes
    ----------
    energy
        Whether joules are compared; seconds otherwise.
    """

    energy: bool = False

    def configurations(self, condition: H2ealCondition) -> list[Asked]:
        """None: steps are costed here, not run."""
        return []

    def draws(self, known_runs: KnownRuns, condition: H2ealCondition) -> Draws:
        """See `Measurement`; one draw of pages, which moves the figure by less than 1 %."""
        of = condition.context, condition.page, condition.budget, condition.free
        dense = _step("dense-bonded", condition.baseline, *of)
        sparse = _step("h2eal", "co-placed", *of)
        return drawn((self._of(dense, condition) / self._of(sparse, condition),))

    def _of(self, step: DecodeStep, condition: H2ealCondition) -> float:
        whole = condition.counted == "step"
        if self.energy:
            return sum((step.joules if whole else step.attention_joules).values())
        return step.seconds if whole else step.attention.seconds
