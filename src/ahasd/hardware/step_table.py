"""Costs of a model's forward passes on a device: computed and interpolated, or measured."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.workload.batched_pass import batched_pass
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

#: Contexts between multiples of this are interpolated; costs are linear in the context up to tile edges.
CONTEXT_GRID = 64
#: From here on the grid is twice as wide beyond each power of two. By that a step of LLaMA2-13B errs by 0.6 % at most
#: on one rank of each channel of module-mac, and by 1.2 % on all four (on rank-both 0.8 and 1.7 %).
FINE_CONTEXTS = 2048


class StepCosts(ABC):
    """What passes of a model cost; all that a schedule asks of the hardware.

    Attributes
    ----------
    name
        The device, as timelines show it.
    """

    name: str

    @abstractmethod
    def cost(self, width: int, context: int) -> StepCost:
        """Cost of passing ``width`` new tokens when ``context`` are in the KV cache."""

    def seconds(self, width: int, context: int) -> float:
        """The cost's seconds alone, for those who weigh many passes that are then not run."""
        return self.cost(width, context).seconds


class MeasuredSteps(StepCosts):
    """Passes that all take one measured time; energy and traffic are not known and count as nothing.

    Parameters
    ----------
    name
        The device.
    seconds
        Duration of a pass.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._cost = StepCost(seconds=seconds)

    def cost(self, width: int, context: int) -> StepCost:
        """The measured time, whatever the width and the context."""
        return self._cost


class StepTable(StepCosts):
    """Cost of passing ``width`` tokens at a context length.

    Parameters
    ----------
    device
        What runs the pass.
    spec
        Which model.
    precision
        Bits of weights, KV entries and activations.
    texts
        That pass together, each with as many tokens and a cache of its own.
    """

    def __init__(self, device: Device, spec: ModelSpec, precision: Precision, texts: int = 1) -> None:
        self.name = device.name
        self.device, self.spec, self.precision, self.texts = device, spec, precision, texts
        self._grid: dict[tuple[int, int], StepCost] = {}
        self._steps: dict[tuple[int, int], StepCost] = {}

    def cost(self, width: int, context: int) -> StepCost:
        """Cost of ``width`` new tokens when ``context`` are in the KV cache; linear between grid points."""
        step = self._steps.get((width, context))
        if step is None:
            step, following, share = self._around(width, context)
            if share:
                step = step.toward(following, share)
            self._steps[width, context] = step
        return step

    def seconds(self, width: int, context: int) -> float:
        """The cost's seconds alone; nothing is kept but the grid."""
        step, following, share = self._around(width, context)
        return (1.0 - share) * step.seconds + share * following.seconds if share else step.seconds

    @property
    def known_grid(self) -> Mapping[tuple[int, int], StepCost]:
        """Costs that were computed so far, by width and context; all others lie between them."""
        return self._grid

    def grid_cost(self, width: int, context: int) -> StepCost:
        """Cost at a point of the grid."""
        return self._at(width, context)

    def graph(self, width: int, context: int) -> OperatorGraph:
        """Return what such a pass runs."""
        if self.texts > 1:
            return batched_pass(self.spec, self.texts, width, context, self.precision)
        return forward_pass(self.spec, width, context, self.precision)

    def _around(self, width: int, context: int) -> tuple[StepCost, StepCost, float]:
        """Costs at the grid points before and after a context, and how far it is from one to the other."""
        spacing = CONTEXT_GRID << (context // FINE_CONTEXTS).bit_length()
        rest = context % spacing
        before = self._at(width, context - rest)
        return before, self._at(width, context - rest + spacing) if rest else before, rest / spacing

    def _at(self, width: int, context: int) -> StepCost:
        cost = self._grid.get((width, context))
        if cost is None:
            cost = self.device.cost(self.graph(width, context))
            self._grid[width, context] = cost
        return cost
