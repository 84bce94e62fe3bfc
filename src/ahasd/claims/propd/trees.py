"""ProPD's figures, each with the baseline that it may be of: the abstract says "existing decoding algorithms"."""

from math import inf

from ahasd.claims.claim import Claim
from ahasd.claims.condition import Condition
from ahasd.claims.propd.gains import (
    Gain,
    growth,
    least_over_alone,
    least_over_medusa,
    most_over_alone,
    most_over_medusa,
)
from ahasd.claims.verdict import Band, around

GROUP = "ProPD"
_SOURCE = "ProPD (arXiv 2402.13485, ICCAD 2024)"

_NO_EARLY_HEAD = (
    "the early heads of its models are not public, nor how many tokens they keep; pruning is calibrated here and off "
    "unless an early layer keeps 95 % of the text's tokens"
)


def claims() -> list[Claim[Condition]]:
    """The ends of the range over both baselines, its growth, then what cannot be tested."""
    return [
        _gain(
            "propd-over-medusa-most",
            "largest speed-up of ProPD's dynamic size over Medusa's static tree, batches 1 to 16",
            "3.2x",
            around(3.2),
            Gain(most_over_medusa),
        ),
        _gain(
            "propd-over-medusa-least",
            "smallest speed-up of ProPD's dynamic size over Medusa's static tree, batches 1 to 16",
            "1.1x",
            around(1.1),
            Gain(least_over_medusa),
        ),
        _gain(
            "propd-over-alone-most",
            "largest speed-up of ProPD's dynamic size over autoregressive decoding, batches 1 to 16",
            "3.2x",
            around(3.2),
            Gain(most_over_alone),
        ),
        _gain(
            "propd-over-alone-least",
            "smallest speed-up of ProPD's dynamic size over autoregressive decoding, batches 1 to 16",
            "1.1x",
            around(1.1),
            Gain(least_over_alone),
        ),
        _gain(
            "propd-batch",
            "gain over Medusa's static tree at batch 16, over that at batch 1",
            "> 1x",
            Band(1.0, inf),
            Gain(growth),
        ),
        Claim(
            "propd-pruning",
            GROUP,
            _SOURCE,
            "computation that early pruning saves without hurting acceptance",
            "> 2x",
            untestable=_NO_EARLY_HEAD,
        ),
    ]


def _gain(name: str, text: str, said: str, band: Band, measurement: Gain) -> Claim[Condition]:
    return Claim(name, GROUP, _SOURCE, text, said, band, measurement, base=Condition(), quick=True)
