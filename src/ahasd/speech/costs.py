"""What the passes of a writer cost where it lies."""

from dataclasses import dataclass, field

from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.device import Device
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pass_grid import CONTEXT_GRID
from ahasd.hardware.placement.prefill import reorder_cost
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.step_table import StepCosts
from ahasd.speech.models.writer import Writer
from ahasd.workload.precision import Precision


@dataclass
class WriterCosts(StepCosts):
    """Costs of a writer, each computed once.

    Parameters
    ----------
    device
        What decodes.
    host
        What hears and, beside a device in the memory, reads prompts.
    """

    writer: Writer
    device: Device
    host: Device
    hardware: Hardware
    precision: Precision
    _grid: dict[tuple[int, int], StepCost] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.device.name

    @property
    def prompt_name(self) -> str:
        """The device that reads the prompt."""
        return self.host.name

    def cost(self, width: int, context: int) -> StepCost:
        """Cost of ``width`` new tokens behind so many; linear between points of a grid, as in `StepTable`."""
        rest = context % CONTEXT_GRID
        before = self._at(width, context - rest)
        return (
            before.toward(self._at(width, context - rest + CONTEXT_GRID), rest / CONTEXT_GRID)
            if rest
            else before
        )

    def hearing(self) -> StepCost:
        """Cost of the encoder over a window."""
        return self.host.cost(self.writer.hearing(self.precision))

    def attending(self) -> StepCost:
        """Cost of what is left of that where the other model's encoder ran."""
        graph = self.writer.attending(self.precision)
        return NO_COST if graph is None else self.host.cost(graph)

    def prompt(self, tokens: int) -> StepCost:
        """Cost of reading the prompt, which gives the first token's logits."""
        graph = self.writer.decoding(self.writer.prompt(tokens), 0, self.precision, 1)
        cost = self.host.cost(graph)
        if self.host is not self.device and isinstance(self.host, Npu):
            # What decodes in memory lies there as the PIM wants it.
            cost = cost + reorder_cost(self.host, graph.operators, self.hardware, "mapped")
        return cost

    def _at(self, width: int, context: int) -> StepCost:
        if (width, context) not in self._grid:
            graph = self.writer.decoding(width, context, self.precision, None)
            self._grid[width, context] = self.device.cost(graph)
        return self._grid[width, context]
