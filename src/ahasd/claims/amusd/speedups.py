"""AMUSD: asynchronous speculative decoding on two GPUs."""

from ahasd.claims.amusd.condition import ACCEPTANCE_AXIS, LAUNCH_AXIS, AmusdCondition, on_two_gpus
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import speed
from ahasd.claims.verdict import around

GROUP = "AMUSD"
_SOURCE = "AMUSD (arXiv 2410.17375), table of ms per token, {benchmark}"
_CELL = (("llama-3.2-1b:llama-3.1-8b", "fixed"),)
_ALONE = on_two_gpus("gpu-autoregressive", "none")
_IN_TURN = on_two_gpus("gpu", "fixed:5", "system.catch_up=separate")
_AMUSD = on_two_gpus("amusd", "fixed:1")

#: Greedy, as AMUSD decodes; the paper names no GPU (docs/systems/amusd.md says why these).
_BASE = AmusdCondition(trace="tiny-distilled-greedy")

#: (benchmark, speculative decoding, AMUSD)
_ROWS = (("HumanEval", 1.24, 1.57), ("MT-Bench", 1.06, 1.31))


def claims() -> list[Claim[AmusdCondition]]:
    """Both methods on both benchmarks, over the target alone."""
    others = combinations(_BASE, LAUNCH_AXIS, ACCEPTANCE_AXIS)
    found = []
    for benchmark, in_turn, asynchronous in _ROWS:
        for suffix, role, title, published in (
            ("speculative", _IN_TURN, "draft and target in turn, 5 drafts", in_turn),
            ("asynchronous", _AMUSD, "AMUSD", asynchronous),
        ):
            found.append(
                Claim(
                    f"amusd-{suffix}-{benchmark.lower().replace('-', '')}",
                    GROUP,
                    _SOURCE.format(benchmark=benchmark),
                    f"throughput of {title} over the target alone",
                    f"{published:.2f}x",
                    around(published),
                    Ratio(speed, role, _ALONE, _CELL),
                    base=_BASE,
                    alternatives=others,
                    parameters=("acceptance",),
                    quick=True,
                )
            )
    return found
