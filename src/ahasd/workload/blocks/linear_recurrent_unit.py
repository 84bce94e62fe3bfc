"""The gated linear recurrent unit of Griffin."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.headwise import multiply_heads
from ahasd.workload.blocks.recurrence import CausalConvolution, State, rewrite
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class LinearRecurrentUnit(TokenMixer):
    """Two branches, one through a convolution and a gated recurrence (RG-LRU, arXiv 2402.19427 §2.4).

    Parameters
    ----------
    hidden_size, width
        Channels outside and inside.
    blocks
        Blocks of channels, each with matrices of its own for both gates.
    kernel
        Tokens that the convolution covers.
    """

    hidden_size: int
    width: int
    blocks: int
    kernel: int

    @property
    def convolution(self) -> CausalConvolution:
        """Over one branch."""
        return CausalConvolution(self.width, self.kernel, bias=True, activated=False)

    @property
    def state(self) -> State:
        """An element for each channel."""
        return State(1, self.width, 1)

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projections to both branches."""
        gate, inside = (
            graph.linear(LinearLayer(name, self.hidden_size, self.width, bias=True), x)
            for name in ("unit_gate", "unit_input")
        )
        return gate, inside

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add convolution, gates, recurrence, and the product with the other branch."""
        gate, inside = projected
        shape = (graph.shape(inside)[0], self.width)
        convolved = self.convolution.build(graph, "unit_convolution", inside)
        block = self.width // self.blocks
        gates = [
            multiply_heads(graph, LinearLayer(name, block, block, bias=True), self.blocks, convolved.result)
            for name in ("input_gate", "forget_gate")
        ]
        # Two sigmoids, an exponential with its factors, a root of what is left, and the gated input.
        operations = (2 * vector_counts.SIGMOID + 6) * self.width
        constants = (graph.fine("recurrent_unit.decay", self.width),)
        inputs = (convolved.result, *gates)
        found = rewrite(graph, "recurrent_unit", self.state, inputs, shape, self.width, operations, constants)
        gelu = (vector_counts.ACTIVATION["gelu"] + vector_counts.GATE) * shape[0] * self.width
        result = graph.vector("unit_gated", (found.result, gate), gelu)
        return Mixed(result, (*convolved.kept, *found.kept))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the product of both branches."""
        return "unit_gated", (tokens, self.width)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the projection to the channels outside."""
        return graph.linear(LinearLayer("unit_output", self.width, self.hidden_size, bias=True), mixed)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of both states, however long the text is."""
        return self.state.bytes + self.convolution.state.bytes
