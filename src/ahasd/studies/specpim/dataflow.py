"""A dataflow: for every unit which channels take it, how it is divided, and what runs beside it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ahasd.hardware.mapping.best_mapping import Side
from ahasd.studies.specpim.division import Division

#: Channels of a kind are dealt out by quarters (ours).
QUARTERS = 4


class Window(NamedTuple):
    """A half, a quarter or all of the channels of a kind: quarters ``first`` to before ``first + size``."""

    first: int = 0
    size: int = QUARTERS

    def meets(self, other: "Window") -> bool:
        """Whether a channel is in both."""
        return self.first < other.first + other.size and other.first < self.first + self.size


ALL = Window()
WINDOWS = tuple(Window(first, size) for size in (4, 2, 1) for first in range(0, QUARTERS, size))


class Gene(NamedTuple):
    """What is decided of a unit.

    Attributes
    ----------
    side
        The kind of channels: plain ones, from which the host reads, or those that compute.
    host_window, pim_window
        Which of either kind hold it, where it is there.
    division
        Of a product in memory.
    joined
        Whether it runs beside the unit before it, where that gives it nothing.
    """

    side: Side
    host_window: Window = ALL
    pim_window: Window = ALL
    division: Division = Division.OUTPUTS
    joined: bool = False

    @property
    def window(self) -> Window:
        """The channels that hold it."""
        return self.host_window if self.side is Side.HOST else self.pim_window


class UnitCost(NamedTuple):
    """A unit on the channels of a gene, all its passes of a round.

    Attributes
    ----------
    arithmetic_seconds
        Of a host's: what two kernels at once do not share.
    """

    seconds: float
    joules: float
    arithmetic_seconds: float = 0.0


class Placed(NamedTuple):
    """A unit with what was decided of it and what that costs."""

    gene: Gene
    cost: UnitCost


def stratum_seconds(units: Sequence[Placed]) -> float:
    """Time of units that may run at once.

    Host and memory work side by side. Units on the same kind of channel run at once where no channel holds two of
    them, and else one after the other; kernels of the host at once still share its arithmetic.
    """
    if len(units) == 1:
        return units[0].cost.seconds
    return max(_side_seconds([unit for unit in units if unit.gene.side is side]) for side in Side)


def _side_seconds(units: Sequence[Placed]) -> float:
    windows = [unit.gene.window for unit in units]
    apart = not any(one.meets(other) for place, one in enumerate(windows) for other in windows[:place])
    each = [unit.cost.seconds for unit in units]
    if not apart:
        return sum(each)
    return max([*each, sum(unit.cost.arithmetic_seconds for unit in units)], default=0.0)


def excess_bytes(held: Iterable[tuple[Window, float]], capacity: float) -> float:
    """Bytes beyond what the channels hold, over all quarters; 0 where everything fits."""
    quarters = [0.0] * QUARTERS
    for window, count in held:
        for place in range(window.first, window.first + window.size):
            quarters[place] += count / window.size
    return sum(max(0.0, used - capacity / QUARTERS) for used in quarters)
