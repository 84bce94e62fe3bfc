"""A short convolution between two gates, in place of attention."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.recurrence import CausalConvolution
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class ShortConvolution(TokenMixer):
    """Gate, convolution over the last tokens, gate (LFM2).

    Parameters
    ----------
    hidden_size
        Channels, outside and inside.
    kernel
        Tokens that the convolution covers.
    bias
        Whether both matrices and the convolution have one.
    """

    hidden_size: int
    kernel: int
    bias: bool = False

    @property
    def convolution(self) -> CausalConvolution:
        """Over the gated channels."""
        return CausalConvolution(self.hidden_size, self.kernel, self.bias, activated=False)

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projection to channels and both gates."""
        layer = LinearLayer("convolution_input", self.hidden_size, 3 * self.hidden_size, self.bias)
        return (graph.linear(layer, x),)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add gate, convolution and gate."""
        (inside,) = projected
        shape = (graph.shape(inside)[0], self.hidden_size)
        operations = vector_counts.GATE * shape[0] * shape[1]
        gated = graph.vector("convolution_gate", (inside,), operations, shape)
        convolved = self.convolution.build(graph, "convolution", gated)
        result = graph.vector("convolution_gated", (convolved.result, inside), operations, shape)
        return Mixed(result, convolved.kept)

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of what both gates let through."""
        return "convolution_gated", (tokens, self.hidden_size)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the projection to the channels outside."""
        return graph.linear(
            LinearLayer("convolution_output", self.hidden_size, self.hidden_size, self.bias), mixed
        )

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of the last inputs, however long the text is."""
        return self.convolution.state.bytes
