"""Area, delay and power of the hardware: synthesised, scaled, and held against what is published."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.rtl.activity import Activity, aau_activity, controller_activity
from ahasd.rtl.modules import PARTS, top_modules
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.scaling import (
    MAIN_RULE,
    SRAM_ARRAY_EFFICIENCY,
    SRAM_CELL_UM2,
    AreaScaling,
    area_scaling,
    energy_factor,
)
from ahasd.rtl.synthesis import SynthesizedModule, find_liberty, find_yosys, synthesize
from ahasd.rtl.verilog import emit

TOGGLE_180_J = 0.086e-12
"""Of a gate's output: ½ C V² of 28 fF, which abc finds to be the mean load, at 1.8 V, and 0.041 pJ inside the cell
(AND2X1 of osu018's liberty at 25 fF)."""
CLOCK_180_J = 0.23e-12
"""Of a flip-flop and cycle: 28 fF clock pin and 0.14 pJ inside DFFPOSX1 (osu018's liberty); no clock tree."""
PIM_CLOCK_HZ = 800e6
"""Authors' repository."""


@dataclass(frozen=True, slots=True)
class Published:
    """mm² at 28 nm of the paper (arXiv 2604.25326), and of an earlier version of it."""

    paper_mm2: float
    earlier_mm2: float


#: Block -> (modules, what is published of it).
BLOCKS: dict[str, tuple[tuple[str, ...], Published | None]] = {
    "EDC": (("controller_edc",), Published(0.05, 0.0002)),
    "TVC": (("controller_tvc",), Published(0.03, 0.0002)),
    "queues": (
        ("controller_draft_queue", "controller_feedback_queue", "controller_preverification_queue"),
        Published(0.01, 0.001),
    ),
    "task scheduler": (("controller", "controller_rank_gate"), None),
    "control block": (("controller_control_block",), None),
    "AAU": (("aau", "aau_factor_unit", "aau_lane"), Published(1.25, 0.45)),
}
PUBLISHED_SHARE = {"paper": (0.0268, 50.0), "earlier version": (0.025, 18.0)}
"""Share of the die, and the die (mm²) that follows from it or is given with it."""
DIES_MM2 = (50.0, 18.0)
MOST_OVERHEAD = 0.03
"""The paper's claim: below 3 % of the die."""


@dataclass(frozen=True, slots=True)
class BlockCost:
    """A block, all its instances together.

    Attributes
    ----------
    name, instances
        Of the block; instances in a system.
    cells, flip_flops, memory_bits
        Of all instances.
    cells_180_um2
        Area of the cells as synthesised.
    area_mm2, lowest_mm2, highest_mm2
        Cell area in the process asked for by the main rule, and the extremes of all rules and placements.
    with_macros_mm2
        The same by the main rule with memories as SRAM macros instead of flip-flops; None where there is no cell
        size for the process.
    published
        None where nothing is.
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

    def verdict(self, published_mm2: float) -> str:
        """Whether a published area of this block holds: is within our range."""
        if published_mm2 > self.highest_mm2:
            return f"does not hold: published {published_mm2 / self.area_mm2:.1f}x ours"
        if published_mm2 < self.lowest_mm2:
            return f"does not hold: ours {self.area_mm2 / published_mm2:.1f}x published"
        return f"holds: in our range, ours {self.area_mm2 / published_mm2:.2g}x"


@dataclass(frozen=True, slots=True)
class Power:
    """An estimate from counted toggles.

    Attributes
    ----------
    decisions_per_second
        Of EDC, in the simulated run.
    energy_per_batch_j
        Of the controller, for one batch with all that belongs to it, its clock gated otherwise.
    controller_w, controller_ungated_w
        In that run: with the clock stopped when there is nothing to do, and with it running always.
    aau_streaming_w
        Of one AAU while it takes a beat per cycle.
    """

    decisions_per_second: float
    energy_per_batch_j: float
    controller_w: float
    controller_ungated_w: float
    aau_streaming_w: float


@dataclass(frozen=True, slots=True)
class HardwareCost:
    """All of it."""

    parameters: HardwareParameters
    scaling: AreaScaling
    modules: tuple[SynthesizedModule, ...]
    blocks: tuple[BlockCost, ...]
    power: Power

    @property
    def area_mm2(self) -> float:
        """Cell area of the system by the main rule."""
        return sum(block.area_mm2 for block in self.blocks)

    @property
    def range_mm2(self) -> tuple[float, float]:
        """Over all rules and placements."""
        return sum(block.lowest_mm2 for block in self.blocks), sum(block.highest_mm2 for block in self.blocks)

    @property
    def one_aau_mm2(self) -> float:
        """Controllers and a single AAU: what a die has if every rank is one of its own."""
        return sum(block.area_mm2 / block.instances for block in self.blocks)


def synthesize_all(
    parameters: HardwareParameters, liberty: Path | None = None
) -> tuple[SynthesizedModule, ...]:
    """Emit and synthesise every module.

    Raises
    ------
    AhasdError
        yosys or the library is missing, or yosys failed.
    """
    find_yosys()
    find_liberty(liberty)
    texts = emit(top_modules(parameters))

    def one(top: str) -> list[SynthesizedModule]:
        mine = {name: text for name, text in texts.items() if name.split("_")[0] == top}
        return synthesize(mine, top, PARTS[top], liberty)

    with ThreadPoolExecutor(len(PARTS)) as pool:
        return tuple(module for modules in pool.map(one, PARTS) for module in modules)


def hardware_cost(
    parameters: HardwareParameters,
    modules: Sequence[SynthesizedModule],
    node_nm: int,
    batches: Sequence[Sequence[float]],
    decisions_per_second: float,
) -> HardwareCost:
    """Scale synthesised modules and estimate their power.

    Parameters
    ----------
    batches
        Entropies of the tokens of some batches of the simulated run, nats.
    decisions_per_second
        Of that run.

    Raises
    ------
    AhasdError
        There is no scaling data for the node.
    """
    scaling = area_scaling(node_nm)
    found = {module.name: module for module in modules}
    blocks = tuple(_block(name, parameters, found, scaling) for name in BLOCKS)
    controller = [module for module in modules if module.name.startswith("controller")]
    activity = controller_activity(parameters, batches)
    cycles = activity.cycles / len(batches)
    per_cycle = _energy_per_cycle(controller, activity, {})
    clock = sum(module.flip_flops for module in controller) * CLOCK_180_J * energy_factor()
    aau = [module for module in modules if module.name.startswith("aau")]
    streaming = _energy_per_cycle(aau, aau_activity(parameters), {"aau_lane": parameters.lanes})
    gated = per_cycle * cycles * decisions_per_second
    power = Power(
        decisions_per_second,
        per_cycle * cycles,
        gated,
        gated + clock * PIM_CLOCK_HZ,
        streaming * PIM_CLOCK_HZ,
    )
    return HardwareCost(parameters, scaling, tuple(modules), blocks, power)


def check_die(die_mm2: float) -> None:
    """See that a die can be shared out.

    Raises
    ------
    AhasdError
        It is not positive.
    """
    if not 0 < die_mm2 < float("inf"):
        raise AhasdError(f"a die of {die_mm2:g} mm² is none; give its area in mm², such as 50")


def _block(
    name: str, parameters: HardwareParameters, found: dict[str, SynthesizedModule], scaling: AreaScaling
) -> BlockCost:
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
        name,
        instances,
        sum(module.cells * count for module, count in parts),
        sum(module.flip_flops * count for module, count in parts),
        bits,
        cells * 1e6,
        cells * factor,
        cells * scaling.lowest,
        cells * scaling.highest,
        macros,
        published,
    )


def _energy_per_cycle(
    modules: Sequence[SynthesizedModule], activity: Activity, counts: dict[str, int]
) -> float:
    """Joules: the share of bits that toggle, taken for that of all gates, and the clock of every flip-flop."""
    gates = sum((module.cells - module.flip_flops) * counts.get(module.name, 1) for module in modules)
    flip_flops = sum(module.flip_flops * counts.get(module.name, 1) for module in modules)
    at_180 = gates * activity.per_bit_and_cycle * TOGGLE_180_J + flip_flops * CLOCK_180_J
    return at_180 * energy_factor()
