"""Costs of a model's forward passes on a device: computed and interpolated, or measured."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.pass_grid import Numbers, Passes, grid_around
from ahasd.workload.batched_pass import batched_pass
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

#: Models of which graphs are kept, and graphs of each, some 10 KB apiece (ours).
MODELS, PASSES = 8, 1024


#: Numbers of a pass in a column: its seconds, and joules by component.
COLUMNS = 1 + len(DYNAMIC_COMPONENTS)


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

    def columns(self, passes: Passes) -> Numbers:
        """A row for each pass: its seconds, then its joules by component, just as :meth:`cost` has them."""
        return np.array([_row(self.cost(*one)) for one in passes.each]).reshape(-1, COLUMNS)


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
        self._graphs = _graphs(spec, precision, texts)
        self._grid: dict[tuple[int, int], StepCost] = {}
        self._steps: dict[tuple[int, int], StepCost] = {}
        self._rows: dict[tuple[int, int], int] = {}
        self._values = np.empty((0, COLUMNS))

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

    def columns(self, passes: Passes) -> Numbers:
        """Worked out together from the grid; the passes themselves are not kept."""
        on_grid = passes.on_grid
        missing = [point for point in on_grid.points if point not in self._rows]
        if missing:
            new = np.array([_row(self._at(*point)) for point in missing])
            known = len(self._rows)
            self._rows.update(zip(missing, range(known, known + len(missing)), strict=True))
            self._values = np.concatenate([self._values, new])
        points = self._values[[self._rows[point] for point in on_grid.points]]
        share = on_grid.share[:, None]
        found: Numbers = (1.0 - share) * points[on_grid.before] + share * points[on_grid.after]
        return found

    @property
    def known_grid(self) -> Mapping[tuple[int, int], StepCost]:
        """Costs that were computed so far, by width and context; all others lie between them."""
        return self._grid

    def grid_cost(self, width: int, context: int) -> StepCost:
        """Cost at a point of the grid."""
        return self._at(width, context)

    def graph(self, width: int, context: int) -> OperatorGraph:
        """Return what such a pass runs."""
        return self._graphs(width, context)

    def _around(self, width: int, context: int) -> tuple[StepCost, StepCost, float]:
        """Costs at the grid points before and after a context, and how far it is from one to the other."""
        before, after, share = grid_around(context)
        return self._at(width, before), self._at(width, after), share

    def _at(self, width: int, context: int) -> StepCost:
        cost = self._grid.get((width, context))
        if cost is None:
            cost = self.device.cost(self.graph(width, context))
            self._grid[width, context] = cost
        return cost


@lru_cache(maxsize=MODELS)
def _graphs(spec: ModelSpec, precision: Precision, texts: int) -> Callable[[int, int], OperatorGraph]:
    """Passes of a model by width and context, built once for all machines that run them."""

    @lru_cache(maxsize=PASSES)
    def graph(width: int, context: int) -> OperatorGraph:
        if texts > 1:
            return batched_pass(spec, texts, width, context, precision)
        return forward_pass(spec, width, context, precision)

    return graph


def _row(cost: StepCost) -> tuple[float, ...]:
    return (cost.seconds, *cost.energy_j)
