"""Areas of the controllers, from their synthesis."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ahasd.claims.ahasd.condition import AreaCondition
from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.errors import AhasdError
from ahasd.rtl.synthesis.published import PUBLISHED_NODE_NM
from ahasd.rtl.synthesis.scaling import MAIN_RULE, AreaScaling, area_scaling

if TYPE_CHECKING:
    from ahasd.rtl.synthesis.area import BlockCost


@cache
def synthesized() -> "tuple[BlockCost, ...]":
    """Synthesise the hardware at the paper's sizes: a minute or two of yosys, once.

    Raises
    ------
    AhasdError
        Amaranth, yosys or its cell library is not installed; the message says what to install.
    """
    if find_spec("amaranth") is None:
        raise AhasdError(
            "amaranth is not installed; in the source folder: pip install -c constraints.txt -e '.[rtl]'"
        )
    from ahasd.rtl.parameters import HardwareParameters
    from ahasd.rtl.synthesis.area import block_cost
    from ahasd.rtl.synthesis.cost import synthesize_all
    from ahasd.rtl.synthesis.published import BLOCKS

    parameters, scaling = HardwareParameters(), area_scaling(PUBLISHED_NODE_NM)
    modules = {module.name: module for module in synthesize_all(parameters)}
    return tuple(block_cost(name, parameters, modules, scaling) for name in BLOCKS)


@dataclass(frozen=True, slots=True)
class SynthesizedArea:
    """Square millimetres at 28 nm of some blocks, all their instances together, or their share of a die.

    The cells are those of a 180 nm library, scaled by the condition's rule and placed at its utilisation. Where the
    condition spans ranges the interval goes from the least rule, cells alone, to the most, placed loosely.

    Attributes
    ----------
    blocks
        Names of ``ahasd.rtl.synthesis.published.BLOCKS``; all of them if empty.
    die_mm2
        What to take the share of.
    """

    blocks: tuple[str, ...] = ()
    die_mm2: float | None = None

    def configurations(self, condition: AreaCondition) -> list[Asked]:
        """None: nothing is simulated."""
        return []

    def draws(self, known_runs: KnownRuns, condition: AreaCondition) -> Draws:
        """See `Measurement`; neither tokens nor seeds matter."""
        chosen = [block for block in synthesized() if not self.blocks or block.name in self.blocks]
        at_180 = sum(block.cells_180_um2 for block in chosen) * 1e-6 / (self.die_mm2 or 1.0)
        scaling: AreaScaling = area_scaling(PUBLISHED_NODE_NM)
        nominal = at_180 * scaling.rules[condition.scaling or MAIN_RULE] / condition.utilisation
        if not condition.spans_ranges:
            return drawn((nominal,))
        return Draws((nominal,), (at_180 * scaling.lowest,), (at_180 * scaling.highest,))
