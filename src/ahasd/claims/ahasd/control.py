"""What asynchrony costs in acceptance, what EDC brings, and how fast AHASD switches."""

from ahasd.claims.ahasd import published
from ahasd.claims.ahasd.axes import (
    COUNTING_AXIS,
    HIGH_ACCEPTANCE_AXIS,
    LENGTH_AXIS,
    READING_AXIS,
)
from ahasd.claims.ahasd.condition import AS_RUN, AhasdCondition
from ahasd.claims.ahasd.roles import IN_TURN, in_memory, on_lpddr5
from ahasd.claims.ahasd.switching import ModeSwitch
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.measuring.measure import Ratio
from ahasd.claims.measuring.quantities import acceptance, pim_share, speed
from ahasd.claims.verdict import around, below
from ahasd.systems.suites import PUBLISHED_ALGORITHMS

GROUP = "AHASD: acceptance, control, latency"
_ONE = (*combinations(AS_RUN, READING_AXIS, LENGTH_AXIS), *combinations(AS_RUN, HIGH_ACCEPTANCE_AXIS))
_ADAEDL = ("llama2-7b:llama2-13b", "adaedl")


def claims() -> list[Claim[AhasdCondition]]:
    """Changes of acceptance and speed are judged as ratios."""
    return [
        Claim(
            "ahasd-acceptance-async",
            GROUP,
            published.ACCEPTANCE_BY_ASYNCHRONY.source,
            "mean change of the acceptance by plain asynchrony, against draft and target in turn",
            published.ACCEPTANCE_BY_ASYNCHRONY.text,
            around(published.ACCEPTANCE_BY_ASYNCHRONY.ratio),
            Ratio(acceptance, in_memory("npu-pim-async"), on_lpddr5),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS, COUNTING_AXIS),
            parameters=("reading", "acceptance", "auc"),
            style="change",
        ),
        Claim(
            "ahasd-acceptance-edc",
            GROUP,
            published.ACCEPTANCE_BY_EDC.source,
            "mean change of the acceptance by EDC, against asynchrony with AAU",
            published.ACCEPTANCE_BY_EDC.text,
            around(published.ACCEPTANCE_BY_EDC.ratio),
            Ratio(acceptance, in_memory("npu-pim-async+aau+edc"), in_memory("npu-pim-async+aau")),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS, COUNTING_AXIS),
            parameters=("reading", "acceptance", "auc"),
            style="change",
        ),
        Claim(
            "ahasd-edc-gain-llama2",
            GROUP,
            published.SPEED_BY_EDC_LLAMA2.source,
            "gain of EDC in throughput for LLaMA2-7B -> 13B with AdaEDL, over +AAU",
            published.SPEED_BY_EDC_LLAMA2.text,
            around(published.SPEED_BY_EDC_LLAMA2.ratio),
            Ratio(speed, in_memory("npu-pim-async+aau+edc"), in_memory("npu-pim-async+aau"), (_ADAEDL,)),
            base=AS_RUN,
            alternatives=_ONE,
            parameters=("auc", "acceptance", "reading"),
            style="change",
        ),
        Claim(
            "ahasd-edc-gain-opt",
            GROUP,
            published.SPEED_BY_EDC_OPT_BELOW.source,
            "mean gain of EDC in throughput for OPT-1.3B -> 6.7B, over +AAU",
            f"under {published.SPEED_BY_EDC_OPT_BELOW.percent:g} %",
            below(published.SPEED_BY_EDC_OPT_BELOW.ratio),
            Ratio(
                speed,
                in_memory("npu-pim-async+aau+edc"),
                in_memory("npu-pim-async+aau"),
                tuple(("opt-1.3b:opt-6.7b", algorithm) for algorithm in PUBLISHED_ALGORITHMS),
            ),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS),
            parameters=("auc", "acceptance", "reading"),
            style="change",
        ),
        _share("opt-1.3b", "opt-1.3b:opt-6.7b", "an OPT-1.3B"),
        _share("llama2-7b", "llama2-7b:llama2-13b", "a LLaMA2-7B"),
        Claim(
            "ahasd-switching",
            GROUP,
            published.SCHEDULING,
            "a rank set starts or stops computing",
            f"below {published.SWITCHING_BELOW_S * 1e6:g} us",
            below(published.SWITCHING_BELOW_S),
            ModeSwitch(),
            base=AS_RUN,
            alternatives=combinations(AS_RUN, READING_AXIS),
            parameters=("reading",),
            capped=False,
            quick=True,
            style="seconds",
        ),
    ]


def _share(name: str, pair: str, draft: str) -> Claim[AhasdCondition]:
    share = published.PIM_SHARES[name]
    return Claim(
        f"ahasd-pim-share-{name}",
        GROUP,
        published.MOTIVATION,
        f"the PIM's share of the latency with {draft} draft, draft and target in turn",
        f"{share:.1%}",
        around(share),
        Ratio(pim_share, in_memory(IN_TURN), cells=((pair, "adaedl"),)),
        base=AS_RUN,
        alternatives=combinations(AS_RUN, READING_AXIS, LENGTH_AXIS),
        parameters=("reading", "acceptance", "auc"),
        quick=True,
        style="share",
    )
