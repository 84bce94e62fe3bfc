"""Gated delta nets: linear attention whose state forgets, and replaces what it holds of a key."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.recurrence import CausalConvolution, State, rewrite
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision

#: Products of a token with each element of the state: what it holds of the key, the correction, the query. They are
#: those of the recurrence as it is written (arXiv 2412.06464 §3), the least there are; kernels that take a prompt in
#: chunks do some more and keep tensor cores busy with them.
PRODUCTS = 3


@dataclass(frozen=True, slots=True)
class GatedDeltaNet(TokenMixer):
    """Gated delta net (Qwen3-Next, arXiv 2412.06464), or Kimi's, whose channels decay apart (arXiv 2510.26692).

    Parameters
    ----------
    hidden_size
        Channels outside.
    key_heads, value_heads, key_dim, value_dim
        Heads and their channels; a head of values has a state of key_dim × value_dim.
    kernel
        Tokens that the convolution of queries, keys and values covers.
    gate_rank
        Width through which gate and decay come where every channel of the keys decays by itself (Kimi); None is a
        gate of one matrix and a decay for each head.
    """

    hidden_size: int
    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    kernel: int
    gate_rank: int | None = None

    @property
    def value_width(self) -> int:
        """Channels of all value heads."""
        return self.value_heads * self.value_dim

    @property
    def decays(self) -> int:
        """Decays of a token."""
        return self.value_heads * (1 if self.gate_rank is None else self.key_dim)

    @property
    def convolution(self) -> CausalConvolution:
        """Over queries, keys and values."""
        return CausalConvolution(2 * self.key_heads * self.key_dim + self.value_width, self.kernel)

    @property
    def state(self) -> State:
        """Of all value heads."""
        return State(self.value_heads, self.key_dim, self.value_dim)

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projections to queries, keys and values, to the gate, and to rates of writing and forgetting."""
        mixed = self._linear(graph, "delta_input", self.convolution.channels, x)
        if self.gate_rank is None:
            gate = self._linear(graph, "delta_gate", self.value_width, x)
            return mixed, gate, self._linear(graph, "delta_rates", 2 * self.value_heads, x)
        gate = self._narrow(graph, "delta_gate", self.value_width, x)
        decay = self._narrow(graph, "delta_decay", self.decays, x)
        return mixed, gate, decay, self._linear(graph, "delta_rates", self.value_heads, x)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add convolution, recurrence and the gated norm of what it puts out; none depends on the context."""
        mixed, gate, *rates = projected
        tokens = graph.shape(gate)[0]
        convolved = self.convolution.build(graph, "delta_convolution", mixed)
        # A sigmoid of each rate of writing; of a decay, softplus and exponential, about two of those.
        rating = vector_counts.SIGMOID * (self.value_heads + 2 * self.decays)
        rated = graph.vector(
            "delta_rating",
            tuple(rates),
            tokens * rating,
            (tokens, self.value_heads + self.decays),
            (
                graph.fine("delta_rating.decay", self.value_heads),
                graph.fine("delta_rating.bias", self.decays),
            ),
        )
        # Queries and keys are normalised; every element of the state decays.
        operations = 2 * vector_counts.RMS_NORM * self.key_heads * self.key_dim + self.state.elements
        found = rewrite(
            graph,
            "delta_rule",
            self.state,
            (convolved.result, rated),
            (tokens, self.value_width),
            PRODUCTS * self.state.elements,
            operations,
        )
        gains = (graph.fine("delta_norm.gain", self.value_dim),)
        counts = vector_counts.RMS_NORM + vector_counts.ACTIVATION["silu"] + vector_counts.GATE
        operations = counts * tokens * self.value_width
        result = graph.vector("delta_norm", (found.result, gate), operations, constants=gains)
        return Mixed(result, (*convolved.kept, *found.kept))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the gated output."""
        return "delta_norm", (tokens, self.value_width)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the projection of all heads to the channels outside."""
        return graph.linear(LinearLayer("delta_output", self.value_width, self.hidden_size), mixed)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of both states, however long the text is."""
        return self.state.bytes + self.convolution.state.bytes

    def _linear(self, graph: GraphBuilder, name: str, outputs: int, x: str) -> str:
        return graph.linear(LinearLayer(name, self.hidden_size, outputs), x)

    def _narrow(self, graph: GraphBuilder, name: str, outputs: int, x: str) -> str:
        assert self.gate_rank is not None
        narrow = self._linear(graph, f"{name}_down", self.gate_rank, x)
        return graph.linear(LinearLayer(name, self.gate_rank, outputs), narrow)
