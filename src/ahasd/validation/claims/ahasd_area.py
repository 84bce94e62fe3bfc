"""Areas of AHASD's units at 28 nm."""

from ahasd.validation.claims.claim import Claim
from ahasd.validation.claims.condition import Condition
from ahasd.validation.claims.conditions import PLACEMENT_AXIS, SCALING_AXIS, combinations
from ahasd.validation.claims.synthesis import SynthesizedArea
from ahasd.validation.claims.verdict import around

GROUP = "AHASD: area"
_SOURCE = "AHASD (arXiv 2604.25326), areas at 28 nm"

#: Square millimetres, of which the published share and the units' areas speak: 1.34 mm2 are 2.68 % of 50 mm2.
_DIE_MM2 = 50.0

#: (suffix, text, blocks, published mm2)
_UNITS = (
    ("edc", "area of EDC", ("EDC",), 0.05),
    ("tvc", "area of TVC", ("TVC",), 0.03),
    ("queues", "area of the three queues", ("queues",), 0.01),
    ("aau", "area of the AAUs of all 16 ranks (the paper does not say whether it means one)", ("AAU",), 1.25),
)


def claims() -> list[Claim]:
    """Four units, and the share of the die that all of it takes."""
    units = [
        _claim(suffix, text, f"{published:g} mm2", published, SynthesizedArea(blocks))
        for suffix, text, blocks, published in _UNITS
    ]
    share = "share of a die of 50 mm2 (which its figures imply) of all units"
    return [*units, _claim("share", share, "2.68 %", 0.0268, SynthesizedArea(die_mm2=_DIE_MM2))]


def _claim(suffix: str, text: str, said: str, published: float, measurement: SynthesizedArea) -> Claim:
    return Claim(
        f"ahasd-area-{suffix}",
        GROUP,
        _SOURCE,
        text,
        said,
        around(published),
        measurement,
        alternatives=combinations(Condition(), SCALING_AXIS, PLACEMENT_AXIS),
        capped=False,
        style="share" if suffix == "share" else "rate",
    )
