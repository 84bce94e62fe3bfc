"""The feed-forward part of a transformer layer."""

from dataclasses import dataclass
from typing import Literal

from ahasd.workload import vector_counts
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer

Activation = Literal["relu", "gelu", "silu", "relu2", "xielu"]

#: Parameters that an activation function has in each layer.
ACTIVATION_PARAMETERS = {"xielu": 2}


@dataclass(frozen=True, slots=True)
class FeedForward:
    """Up to a larger width, an activation function, and down again.

    Parameters
    ----------
    hidden_size, width
        Channels outside and inside.
    activation
        Activation function.
    gated
        Whether an up projection is multiplied by an activated gate (three matrices rather than two).
    bias
        Whether the matrices have biases.
    inner_norm
        Before the matrix that leads down, if there is one (BitNet).
    name
        What the names of its nodes begin with.
    """

    hidden_size: int
    width: int
    activation: Activation
    gated: bool = False
    bias: bool = False
    inner_norm: Norm | None = None
    name: str = ""

    @property
    def matrices(self) -> tuple[LinearLayer, ...]:
        """Its matrices, in order of execution."""
        gate = LinearLayer(f"{self.name}gate", self.hidden_size, self.width, self.bias)
        up = LinearLayer(f"{self.name}up", self.hidden_size, self.width, self.bias)
        down = LinearLayer(f"{self.name}down", self.width, self.hidden_size, self.bias)
        return (gate, up, down) if self.gated else (up, down)

    @property
    def operations_per_element(self) -> int:
        """Vector operations for an element inside."""
        return vector_counts.ACTIVATION[self.activation] + (vector_counts.GATE if self.gated else 0)

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes."""
        *inwards, down = self.matrices
        wide = tuple(graph.linear(layer, x) for layer in inwards)
        operations = self.operations_per_element * graph.elements(wide[0])
        name, parameters = f"{self.name}activation", ACTIVATION_PARAMETERS.get(self.activation, 0)
        constants = (graph.fine(f"{name}.parameters", parameters),) if parameters else ()
        inner = graph.vector(name, wide, operations, constants=constants)
        if self.inner_norm is not None:
            inner = self.inner_norm.build(graph, inner, f"{self.name}feed_forward_inner_norm")
        return graph.linear(down, inner)
