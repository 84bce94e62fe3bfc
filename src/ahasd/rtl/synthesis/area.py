"""Area of the blocks: cells as synthesised, scaled, with the range of the rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.published import BLOCKS, PUBLISHED_NODE_NM, Published
from ahasd.rtl.synthesis.scaling import MAIN_RULE, SRAM_ARRAY_EFFICIENCY, SRAM_CELL_UM2, AreaScaling
from ahasd.rtl.synthesis.synthesis import SynthesizedModule


@dataclass(frozen=True, slots=True)
class BlockCost:
    """A block, all its instances together.

    Attributes
    ----------
    name, instances
        Of the block; instances in a system.
    cells, flip_flops, memory_bits
        Of all instances; as synthesised, memories are flip-flops too.
    cells_180_um2
        Area of the cells as synthesised.
    area_mm2, lowest_mm2, highest_mm2
        Cell area in the process asked for by the main rule, and the extremes of all rules and placements.
    with_macros_mm2
        The same by the main rule with memories as SRAM macros instead of flip-flops; None where there is no cell
        size for the process.
    published
        None where nothing is, or at another process.
    """

    name: str
    instances: int
    cells: int
    flip_flops: int
    memory_bits: int
    cells_180_um2: float
    area_mm2: float
    lowest_mm2: float
    highest_mm2: float
    with_macros_mm2: float | None
    published: Published | None

    @property
    def register_bits(self) -> int:
        """Flip-flops that belong to no memory."""
        return self.flip_flops - self.memory_bits

    @property
    def one_mm2(self) -> float:
        """Cell area of a single instance."""
        return self.area_mm2 / self.instances

    def verdict(self, published_mm2: float) -> str:
        """Whether a published area of this block lies within our range; the ledger of claims judges more finely."""
        if published_mm2 > self.highest_mm2:
            return f"does not hold: published {published_mm2 / self.area_mm2:.1f}x ours"
        if published_mm2 < self.lowest_mm2:
            return f"does not hold: ours {self.area_mm2 / published_mm2:.1f}x published"
        return f"within our range, ours {self.area_mm2 / published_mm2:.2g}x"


def block_cost(
    name: str, parameters: HardwareParameters, found: Mapping[str, SynthesizedModule], scaling: AreaScaling
) -> BlockCost:
    """Add the modules of a block up and scale them."""
    names, published = BLOCKS[name]
    instances = parameters.ranks if name == "AAU" else 1
    parts = [(found[part], instances * (parameters.lanes if part == "aau_lane" else 1)) for part in names]
    cells = sum(module.area_um2 * count for module, count in parts) * 1e-6
    bits = sum(module.memory_bits * count for module, count in parts)
    factor = scaling.rules[MAIN_RULE]
    macros = None
    if scaling.node_nm in SRAM_CELL_UM2:
        logic = sum(module.area_without_memories_um2 * count for module, count in parts) * 1e-6
        macros = logic * factor + bits * SRAM_CELL_UM2[scaling.node_nm] / SRAM_ARRAY_EFFICIENCY * 1e-6
    return BlockCost(
        name=name,
        instances=instances,
        cells=sum(module.cells * count for module, count in parts),
        flip_flops=sum(module.flip_flops * count for module, count in parts),
        memory_bits=bits,
        cells_180_um2=cells * 1e6,
        area_mm2=cells * factor,
        lowest_mm2=cells * scaling.lowest,
        highest_mm2=cells * scaling.highest,
        with_macros_mm2=macros,
        published=published if scaling.node_nm == PUBLISHED_NODE_NM else None,
    )
