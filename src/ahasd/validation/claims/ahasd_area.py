"""Areas of AHASD's units at 28 nm."""

from ahasd.validation.claims.claim import Claim

GROUP = "AHASD: area"
_SOURCE = "AHASD (arXiv 2604.25326), areas at 28 nm"
_REASON = "needs a synthesis, which this ledger does not run: `ahasd rtl synth`, docs/hardware.md"

#: (id, unit, published)
_ROWS = (
    ("ahasd-area-edc", "area of EDC", "0.05 mm2"),
    ("ahasd-area-tvc", "area of TVC", "0.03 mm2"),
    ("ahasd-area-queues", "area of the queues", "0.01 mm2"),
    ("ahasd-area-aau", "area of the AAU", "1.25 mm2"),
    ("ahasd-area-share", "share of the die of all units", "2.68 %"),
)


def claims() -> list[Claim]:
    """Four units and their share; give them a measurement where the synthesis is at hand."""
    return [Claim(name, GROUP, _SOURCE, text, figure, untestable=_REASON) for name, text, figure in _ROWS]
