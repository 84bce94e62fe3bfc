"""Costs of a model's forward passes on a device, interpolated between context lengths."""

from ahasd.hardware.cost import StepCost
from ahasd.hardware.device import Device
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

#: Contexts between multiples of this are interpolated; costs are linear in the context up to tile edges.
CONTEXT_GRID = 64


class StepTable:
    """Cost of passing ``width`` tokens at a context length.

    Parameters
    ----------
    device
        What runs the pass.
    spec
        Which model.
    precision
        Bits of weights, KV entries and activations.
    """

    def __init__(self, device: Device, spec: ModelSpec, precision: Precision) -> None:
        self.device, self.spec, self.precision = device, spec, precision
        self._grid: dict[tuple[int, int], StepCost] = {}
        self._steps: dict[tuple[int, int], StepCost] = {}

    def cost(self, width: int, context: int) -> StepCost:
        """Cost of ``width`` new tokens when ``context`` are in the KV cache; linear between grid points."""
        step = self._steps.get((width, context))
        if step is None:
            low, rest = divmod(context, CONTEXT_GRID)
            step = self._at(width, low)
            if rest:
                step = step.toward(self._at(width, low + 1), rest / CONTEXT_GRID)
            self._steps[width, context] = step
        return step

    def _at(self, width: int, point: int) -> StepCost:
        cost = self._grid.get((width, point))
        if cost is None:
            cost = self.device.cost(forward_pass(self.spec, width, point * CONTEXT_GRID, self.precision))
            self._grid[width, point] = cost
        return cost
