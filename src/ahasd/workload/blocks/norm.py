"""A norm over the channels."""

from dataclasses import dataclass
from typing import Literal

from ahasd.workload import vector_counts
from ahasd.workload.graph_builder import GraphBuilder


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm or an RMS norm.

    Parameters
    ----------
    width
        Channels.
    kind
        Which of both.
    bias
        Whether it has a bias beside its gain.
    gain
        Whether it has a gain (OLMo's have none).
    """

    width: int
    kind: Literal["layer", "rms"]
    bias: bool = False
    gain: bool = True

    @property
    def parameters(self) -> int:
        """Gains and biases."""
        return self.width * (self.gain + self.bias)

    def build(self, graph: GraphBuilder, x: str, name: str) -> str:
        """Add the norm of a value."""
        gains = (graph.fine(f"{name}.gain", self.parameters),) if self.parameters else ()
        operations = vector_counts.normalization_operations(self.kind) * graph.elements(x)
        return graph.vector(name, (x,), operations, constants=gains)


def add(graph: GraphBuilder, name: str, x: str, y: str) -> str:
    """Add two values of the same shape, as at the end of a residual branch."""
    return graph.vector(name, (x, y), vector_counts.RESIDUAL * graph.elements(x))
