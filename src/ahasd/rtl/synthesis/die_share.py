"""The share of a die that the hardware takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.rtl.synthesis.cost import HardwareCost
from ahasd.rtl.synthesis.published import DIES_MM2, MOST_OVERHEAD, PUBLISHED_NODE_NM, PUBLISHED_SHARES
from ahasd.rtl.synthesis.scaling import UTILISATION


@dataclass(frozen=True, slots=True)
class DieShare:
    """Shares of a die.

    Attributes
    ----------
    cells
        Of the cells by the main rule.
    lowest, highest
        Over all rules and placements.
    one_aau
        Of the cells of the controllers and a single AAU.
    published
        By where it is published; empty for another die or process.
    """

    die_mm2: float
    cells: float
    lowest: float
    highest: float
    one_aau: float
    published: Mapping[str, float]

    @property
    def placed(self) -> float:
        """Of the cells at the typical utilisation."""
        return self.cells / UTILISATION

    @property
    def cells_below(self) -> bool:
        """Whether the cells take less than the paper claims."""
        return self.cells < MOST_OVERHEAD

    @property
    def placed_below(self) -> bool:
        """Whether they do when placed."""
        return self.placed < MOST_OVERHEAD


def die_share(cost: HardwareCost, die_mm2: float) -> DieShare:
    """Share out a die of this size."""
    lowest, highest = (area / die_mm2 for area in cost.range_mm2)
    published = {where: found.share for where, found in PUBLISHED_SHARES.items() if found.die_mm2 == die_mm2}
    return DieShare(
        die_mm2,
        cost.area_mm2 / die_mm2,
        lowest,
        highest,
        cost.one_aau_mm2 / die_mm2,
        published if cost.scaling.node_nm == PUBLISHED_NODE_NM else {},
    )


def die_shares(cost: HardwareCost, die_mm2: float) -> list[DieShare]:
    """Of a die of this size, and of those that are published."""
    return [die_share(cost, die) for die in dict.fromkeys((die_mm2, *DIES_MM2))]
