"""AdapMoE's and HybriMoE's figures, as far as what is public lets them be tested."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.experts.measurements import (
    Computed,
    layer_schedule_gain,
    loads_with_128_slots,
    mean_experts,
    single_expert_share,
)
from ahasd.claims.verdict import around

GROUP = "AdapMoE and HybriMoE"
_ADAPMOE = "AdapMoE (arXiv 2408.10284, ICCAD 2024)"
_HYBRIMOE = "HybriMoE (arXiv 2504.05897, DAC 2025)"

#: Time per token without and with everything, 4 bits on an RTX 4090 with 128 experts cached.
_SPEED_UP = 0.392 / 0.288

_UNPACKING = (
    "its time is mostly that of unpacking weights in PyTorch, in which copies hide and of which nothing is "
    "published; only the loads can be computed"
)
_NO_SCORES = "the router scores of its models' texts are not public"
_NO_GRAPHS = (
    "its kTransformers launches operators one by one (ktransformers 561: 3.55 tokens/s so, 7.12 with graphs), and "
    "how fast its ten cores and their memory are together is not published"
)


def claims() -> list[Claim[Condition]]:
    """What a table or a layer decides, then what cannot be tested."""
    return [
        _computed(
            "adapmoe-single-experts",
            _ADAPMOE,
            "share of tokens that take one expert, which the text calls fewer experts",
            "25 %",
            0.25,
            Computed(single_expert_share),
            "share",
        ),
        _computed(
            "adapmoe-mean-experts",
            _ADAPMOE,
            "experts that a token takes in the mean, as the abstract words it",
            "-25 %",
            0.75,
            Computed(mean_experts),
            "change",
        ),
        _computed(
            "adapmoe-loads",
            _ADAPMOE,
            "speed-up with 128 experts cached (ours: loads that a token waits for, by its own tables)",
            f"{_SPEED_UP:.2f}x",
            _SPEED_UP,
            Computed(loads_with_128_slots),
            "ratio",
            unrefutable=_UNPACKING,
        ),
        _untestable(
            "adapmoe-speed", _ADAPMOE, "speed-up over its baselines in the mean", "1.35x", _UNPACKING
        ),
        _computed(
            "hybrimoe-schedule",
            _HYBRIMOE,
            "speed-up of its schedule in decoding, Qwen2-57B with a quarter of the experts cached",
            "1.46x",
            1.46,
            Computed(layer_schedule_gain),
            "ratio",
            unrefutable="ours is of a layer's experts alone, by its shipped constants; a step has more in it",
        ),
        _untestable(
            "hybrimoe-prefill", _HYBRIMOE, "speed-up of prefill over kTransformers", "1.33x", _NO_GRAPHS
        ),
        _untestable(
            "hybrimoe-decode", _HYBRIMOE, "speed-up of decoding over kTransformers", "1.70x", _NO_GRAPHS
        ),
        _untestable(
            "hybrimoe-hits",
            _HYBRIMOE,
            "hit rate of its cache on Mixtral with a quarter of the experts, beside 30.2 % of LRU",
            "36.2 %",
            _NO_SCORES,
        ),
    ]


def _computed(
    name: str,
    source: str,
    text: str,
    said: str,
    published: float,
    measurement: Computed,
    style: str,
    unrefutable: str = "",
) -> Claim[Condition]:
    return Claim(
        name,
        GROUP,
        source,
        text,
        said,
        around(published),
        measurement,
        unrefutable=unrefutable,
        base=Condition(),
        capped=False,
        quick=True,
        style=style,  # type: ignore[arg-type]  # one of those that a claim has
    )


def _untestable(name: str, source: str, text: str, said: str, why: str) -> Claim[Condition]:
    return Claim(name, GROUP, source, text, said, untestable=why)
