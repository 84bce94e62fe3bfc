"""SpecASR's speed-ups, each with what decides: the encoders' share, what a draft costs, the pair."""

from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.specasr.condition import (
    AGREEMENT_AXIS,
    COUNTED_AXIS,
    DRAFT_AXIS,
    LENGTH_AXIS,
    PAIR_AXIS,
    SpecAsrCondition,
)
from ahasd.claims.specasr.measured import Drafts, SpeedUp
from ahasd.claims.verdict import Band, around

GROUP = "SpecASR"
_SOURCE = "SpecASR (arXiv 2507.18181, DAC 2025)"

_OPEN = (
    "its GPU, its thresholds, the drafts that it is held against and how much its models agree are not public, "
    "so that no figure of ours can refute it; what decides is the encoders' share, what a step of the draft costs "
    "beside the target's, and the pair"
)


def claims() -> list[Claim[SpecAsrCondition]]:
    """Both ranges, then what becomes of drafts."""
    base = SpecAsrCondition()
    return [
        _over_alone("least", "smallest", 3.04),
        _over_alone("most", "largest", 3.79),
        _over_speculation("least", "smallest", 1.25),
        _over_speculation("most", "largest", 1.84),
        Claim(
            "specasr-accepted",
            GROUP,
            _SOURCE,
            "accepted of the proposed tokens (decoding-acceptance ratio)",
            "94.4 %",
            around(0.944),
            Drafts("accepted"),
            base=base,
            alternatives=combinations(base, AGREEMENT_AXIS),
            quick=True,
            style="share",
        ),
        Claim(
            "specasr-steps",
            GROUP,
            _SOURCE,
            "draft steps, against speculative decoding with drafts of a fixed length",
            "-74.1 %",
            around(1 - 0.741),
            Drafts("steps"),
            base=base,
            alternatives=combinations(base, DRAFT_AXIS, LENGTH_AXIS),
            unrefutable=_OPEN,
            quick=True,
            style="change",
        ),
        Claim(
            "specasr-lossless",
            GROUP,
            _SOURCE,
            "share of transcripts that are the target's own, token for token",
            "lossless",
            Band(1.0, 1.0),
            Drafts("lossless"),
            base=base,
            alternatives=combinations(base, AGREEMENT_AXIS),
            capped=False,
            quick=True,
            style="share",
        ),
    ]


def _over_alone(end: str, word: str, published: float) -> Claim[SpecAsrCondition]:
    base = SpecAsrCondition()
    return Claim(
        f"specasr-over-alone-{end}",
        GROUP,
        _SOURCE,
        f"{word} speed-up over autoregressive decoding",
        f"{published:.2f}x",
        around(published),
        SpeedUp("alone"),
        base=base,
        alternatives=combinations(base, PAIR_AXIS, COUNTED_AXIS, AGREEMENT_AXIS),
        unrefutable=_OPEN,
        quick=True,
    )


def _over_speculation(end: str, word: str, published: float) -> Claim[SpecAsrCondition]:
    base = SpecAsrCondition()
    return Claim(
        f"specasr-over-speculation-{end}",
        GROUP,
        _SOURCE,
        f"{word} speed-up over speculative decoding",
        f"{published:.2f}x",
        around(published),
        SpeedUp("speculation"),
        base=base,
        alternatives=combinations(base, PAIR_AXIS, COUNTED_AXIS, AGREEMENT_AXIS, LENGTH_AXIS),
        unrefutable=_OPEN,
        quick=True,
    )
