"""What asynchrony costs in acceptance, what EDC brings, and how fast AHASD switches."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.condition_axes import (
    COUNTING_AXIS,
    HIGH_ACCEPTANCE_AXIS,
    LENGTH_AXIS,
    READING_AXIS,
    combinations,
)
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import acceptance, pim_share, speed
from ahasd.claims.measuring.roles import IN_TURN, in_memory, on_lpddr5
from ahasd.claims.measuring.switching import ModeSwitch
from ahasd.claims.verdict import around, below
from ahasd.systems.suites import PUBLISHED_ALGORITHMS

GROUP = "AHASD: acceptance, control, latency"
_SOURCE = "AHASD (arXiv 2604.25326), results"
_MOTIVATION = "AHASD (arXiv 2604.25326), motivation"
_BASE = Condition()
_ONE = (*combinations(_BASE, READING_AXIS, LENGTH_AXIS), *combinations(_BASE, HIGH_ACCEPTANCE_AXIS))
_ADAEDL = ("llama2-7b:llama2-13b", "adaedl")


def claims() -> list[Claim]:
    """Changes of acceptance and speed are judged as ratios."""
    return [
        Claim(
            "ahasd-acceptance-async",
            GROUP,
            _SOURCE,
            "mean change of the acceptance by plain asynchrony, against draft and target in turn",
            "-25.1 %",
            around(0.749),
            Ratio(acceptance, in_memory("npu-pim-async"), on_lpddr5),
            alternatives=combinations(_BASE, READING_AXIS, COUNTING_AXIS),
            parameters=("reading", "acceptance", "auc"),
            style="change",
        ),
        Claim(
            "ahasd-acceptance-edc",
            GROUP,
            _SOURCE,
            "mean change of the acceptance by EDC, against asynchrony with AAU",
            "+24.6 %",
            around(1.246),
            Ratio(acceptance, in_memory("npu-pim-async+aau+edc"), in_memory("npu-pim-async+aau")),
            alternatives=combinations(_BASE, READING_AXIS, COUNTING_AXIS),
            parameters=("reading", "acceptance", "auc"),
            style="change",
        ),
        Claim(
            "ahasd-edc-gain-llama2",
            GROUP,
            _SOURCE,
            "gain of EDC in throughput for LLaMA2-7B -> 13B with AdaEDL, over +AAU",
            "+33 %",
            around(1.33),
            Ratio(speed, in_memory("npu-pim-async+aau+edc"), in_memory("npu-pim-async+aau"), (_ADAEDL,)),
            alternatives=_ONE,
            parameters=("auc", "acceptance", "reading"),
            style="change",
        ),
        Claim(
            "ahasd-edc-gain-opt",
            GROUP,
            _SOURCE,
            "mean gain of EDC in throughput for OPT-1.3B -> 6.7B, over +AAU",
            "under 10 %",
            below(1.10),
            Ratio(
                speed,
                in_memory("npu-pim-async+aau+edc"),
                in_memory("npu-pim-async+aau"),
                tuple(("opt-1.3b:opt-6.7b", algorithm) for algorithm in PUBLISHED_ALGORITHMS),
            ),
            alternatives=combinations(_BASE, READING_AXIS),
            parameters=("auc", "acceptance", "reading"),
            style="change",
        ),
        _share("opt-1.3b", "opt-1.3b:opt-6.7b", "an OPT-1.3B", 0.123),
        _share("llama2-7b", "llama2-7b:llama2-13b", "a LLaMA2-7B", 0.842),
        Claim(
            "ahasd-switching",
            GROUP,
            "AHASD (arXiv 2604.25326), gated task scheduling",
            "a rank set starts or stops computing",
            "below 1 us",
            below(1e-6),
            ModeSwitch(),
            alternatives=combinations(_BASE, READING_AXIS),
            parameters=("reading",),
            capped=False,
            quick=True,
            style="seconds",
        ),
    ]


def _share(suffix: str, pair: str, draft: str, published: float) -> Claim:
    return Claim(
        f"ahasd-pim-share-{suffix}",
        GROUP,
        _MOTIVATION,
        f"the PIM's share of the latency with {draft} draft, draft and target in turn",
        f"{published:.1%}",
        around(published),
        Ratio(pim_share, in_memory(IN_TURN), cells=((pair, "adaedl"),)),
        alternatives=combinations(_BASE, READING_AXIS, LENGTH_AXIS),
        parameters=("reading", "acceptance", "auc"),
        quick=True,
        style="share",
    )
