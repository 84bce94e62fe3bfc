"""Area, delay and power of the hardware: synthesised, scaled, and held against what is published."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.area import BlockCost, block_cost
from ahasd.rtl.synthesis.modules import PARTS, top_modules
from ahasd.rtl.synthesis.power import Power, estimate_power
from ahasd.rtl.synthesis.published import BLOCKS
from ahasd.rtl.synthesis.scaling import AreaScaling, area_scaling
from ahasd.rtl.synthesis.synthesis import SynthesizedModule, find_yosys, read_liberty, synthesize
from ahasd.rtl.synthesis.verilog import emit


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
        return sum(block.one_mm2 for block in self.blocks)

    @property
    def aau_share(self) -> float:
        """Share of the area that the AAUs of all ranks take."""
        return sum(block.area_mm2 for block in self.blocks if block.name == "AAU") / self.area_mm2

    @property
    def slowest(self) -> SynthesizedModule:
        """The module that has the longest path."""
        return max(self.modules, key=lambda module: module.longest_path_ps)


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
    read_liberty(liberty)
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
    blocks = tuple(block_cost(name, parameters, found, scaling) for name in BLOCKS)
    power = estimate_power(parameters, modules, batches, decisions_per_second)
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
