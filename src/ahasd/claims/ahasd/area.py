"""Areas of AHASD's units at 28 nm."""

from ahasd.claims.ahasd.axes import PLACEMENT_AXIS, SCALING_AXIS
from ahasd.claims.ahasd.condition import AreaCondition
from ahasd.claims.ahasd.synthesis import SynthesizedArea
from ahasd.claims.claim import Claim
from ahasd.claims.condition_axes import combinations
from ahasd.claims.verdict import around
from ahasd.rtl.synthesis.published import BLOCKS, PUBLISHED_SHARES

GROUP = "AHASD: area"
_SOURCE = "AHASD (arXiv 2604.25326), areas at 28 nm"

#: Suffix of the id, block, text.
_UNITS = (
    ("edc", "EDC", "area of EDC"),
    ("tvc", "TVC", "area of TVC"),
    ("queues", "queues", "area of the three queues"),
    ("aau", "AAU", "area of the AAUs of all 16 ranks (the paper does not say whether it means one)"),
)


def claims() -> list[Claim[AreaCondition]]:
    """Four units, and the share of the die that all of it takes."""
    units = []
    for suffix, block, text in _UNITS:
        published = BLOCKS[block][1]
        assert published is not None, f"an area of {block} is published"
        area = published.paper_mm2
        units.append(_claim(suffix, text, f"{area:g} mm2", area, SynthesizedArea((block,))))
    whole = PUBLISHED_SHARES["paper"]
    text = f"share of a die of {whole.die_mm2:g} mm2 (which its figures imply) of all units"
    return [
        *units,
        _claim(
            "share", text, f"{whole.share * 100:.2f} %", whole.share, SynthesizedArea(die_mm2=whole.die_mm2)
        ),
    ]


def _claim(
    suffix: str, text: str, said: str, published: float, measurement: SynthesizedArea
) -> Claim[AreaCondition]:
    return Claim(
        f"ahasd-area-{suffix}",
        GROUP,
        _SOURCE,
        text,
        said,
        around(published),
        measurement,
        base=AreaCondition(),
        alternatives=combinations(AreaCondition(), SCALING_AXIS, PLACEMENT_AXIS),
        capped=False,
        style="share" if suffix == "share" else "rate",
    )
