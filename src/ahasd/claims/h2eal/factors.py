"""H2EAL's range of factors over a dense system in hybrid-bonded memory, and its loss of accuracy."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.h2eal.condition import BUDGET_AXIS, COUNTED_AXIS, PAGE_AXIS, H2ealCondition, context_axis
from ahasd.claims.h2eal.over_dense import OverDense
from ahasd.claims.verdict import around

GROUP = "H2EAL"
_SOURCE = "H2EAL (arXiv 2508.16653, ICCAD 2025), abstract"

_OPEN = (
    "its device, pages, contexts and what is counted are not in what is public of it, so that no figure of ours can "
    "refute it"
)
_ACCURACY = (
    "its tasks, pages and split of heads are not public; the public patterns call 234 of 256 heads of "
    "Llama-3.1-8B ones "
    "that need the whole context, and a split at half makes 106 of these stream"
)


def claims() -> list[Claim[H2ealCondition]]:
    """The ends of two ranges, and one that takes the model's text."""
    return [
        _factor("speed-least", "least speed-up", 5.20, "8k", energy=False),
        _factor("speed-most", "greatest speed-up", 48.21, "128k", energy=False),
        _factor("energy-least", "least gain in energy", 6.22, "8k", energy=True),
        _factor("energy-most", "greatest gain in energy", 73.48, "128k", energy=True),
        Claim(
            "h2eal-accuracy", GROUP, _SOURCE, "loss of accuracy in the mean", "0.87 %", untestable=_ACCURACY
        ),
    ]


def _factor(name: str, what: str, published: float, context: str, energy: bool) -> Claim[H2ealCondition]:
    base = H2ealCondition(context=context)
    return Claim(
        f"h2eal-{name}",
        GROUP,
        _SOURCE,
        f"{what} over dense attention on the same kind of memory (here of attention, Llama-3.1-8B, {context} tokens)",
        f"{published:.2f}x",
        around(published),
        OverDense(energy),
        base=base,
        alternatives=combinations(base, context_axis(context), PAGE_AXIS, BUDGET_AXIS, COUNTED_AXIS),
        capped=False,
        quick=True,
        unrefutable=_OPEN,
    )
