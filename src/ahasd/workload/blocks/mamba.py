"""Selective state-space layers: Mamba, whose channels have states of their own, and Mamba 2, whose heads have."""

from dataclasses import dataclass
from typing import Literal

from ahasd.workload import vector_counts
from ahasd.workload.blocks.recurrence import CausalConvolution, State, rewrite
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.precision import Precision

#: Products of a token with each element of the state: what it adds to the decayed state, and what is read from it
#: (arXiv 2312.00752, eq. 2). They are those of the recurrence; kernels that take a prompt in chunks do some more.
PRODUCTS = 2


@dataclass(frozen=True, slots=True)
class Mamba(TokenMixer):
    """Mamba (arXiv 2312.00752).

    Parameters
    ----------
    hidden_size, width
        Channels outside and inside.
    state_size
        Elements of the state of a channel.
    step_rank
        Width through which the steps of the channels come.
    kernel
        Tokens that the convolution covers.
    bias, convolution_bias
        Whether the matrices that lead inside and outside have a bias, and whether the convolution has.
    inner_norms
        Whether steps and what writes and reads the state are normalised, with gains (Jamba) or without (Falcon
        Mamba).
    """

    hidden_size: int
    width: int
    state_size: int
    step_rank: int
    kernel: int
    bias: bool = False
    convolution_bias: bool = True
    inner_norms: Literal["none", "plain", "gains"] = "none"

    @property
    def convolution(self) -> CausalConvolution:
        """Over the channels inside."""
        return CausalConvolution(self.width, self.kernel, self.convolution_bias)

    @property
    def state(self) -> State:
        """Of all channels."""
        return State(1, self.width, self.state_size)

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projection to channels and gate."""
        return (graph.linear(LinearLayer("state_input", self.hidden_size, 2 * self.width, self.bias), x),)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add convolution, what depends on the token, and the recurrence with its gate."""
        (inside,) = projected
        convolved = self.convolution.build(graph, "state_convolution", inside)
        chosen_width = self.step_rank + 2 * self.state_size
        chosen = graph.linear(LinearLayer("state_choice", self.width, chosen_width), convolved.result)
        if self.inner_norms != "none":
            gains = (graph.fine("state_norm.gain", chosen_width),) if self.inner_norms == "gains" else ()
            operations = vector_counts.RMS_NORM * graph.elements(chosen)
            chosen = graph.vector("state_norm", (chosen,), operations, constants=gains)
        tokens = graph.shape(inside)[0]
        steps = LinearLayer("state_steps", self.step_rank, self.width, bias=True)
        # The matrix takes the first channels of what was chosen.
        step_input = graph.vector("state_step_input", (chosen,), 0, (tokens, self.step_rank))
        stepped = graph.linear(steps, step_input)
        constants = (
            graph.fine("state_space.decay", self.state.elements),
            graph.fine("state_space.skip", self.width),
        )
        # Softplus of the steps; step times decay, exponential, step times input for each element; gate and skip.
        gate = vector_counts.ACTIVATION["silu"] + vector_counts.GATE + 2
        operations = (vector_counts.SIGMOID + gate) * self.width + 3 * self.state.elements
        found = rewrite(
            graph,
            "state_space",
            self.state,
            (convolved.result, chosen, stepped, inside),
            (tokens, self.width),
            PRODUCTS * self.state.elements,
            operations,
            constants,
        )
        return Mixed(found.result, (*convolved.kept, *found.kept))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the gated output."""
        return "state_space", (tokens, self.width)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the projection to the channels outside."""
        return graph.linear(LinearLayer("state_output", self.width, self.hidden_size, self.bias), mixed)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of both states, however long the text is."""
        return self.state.bytes + self.convolution.state.bytes


@dataclass(frozen=True, slots=True)
class Mamba2(TokenMixer):
    """Mamba 2 (arXiv 2405.21060).

    Parameters
    ----------
    hidden_size
        Channels outside.
    heads, head_dim
        Heads and their channels, each of which has a state of `state_size`.
    state_size, groups
        Elements of a channel's state, and groups of heads that are written and read alike.
    kernel
        Tokens that the convolution covers.
    input_bias, output_bias, convolution_bias
        Which have a bias.
    norm
        Whether what comes out is normalised beside its gate (Falcon-H1's mostly is not).
    """

    hidden_size: int
    heads: int
    head_dim: int
    state_size: int
    groups: int
    kernel: int
    input_bias: bool = False
    output_bias: bool = False
    convolution_bias: bool = True
    norm: bool = True

    @property
    def width(self) -> int:
        """Channels of all heads."""
        return self.heads * self.head_dim

    @property
    def convolution(self) -> CausalConvolution:
        """Over the channels and what writes and reads the state."""
        channels = self.width + 2 * self.groups * self.state_size
        return CausalConvolution(channels, self.kernel, self.convolution_bias)

    @property
    def state(self) -> State:
        """Of all heads."""
        return State(self.heads, self.head_dim, self.state_size)

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projection to gate, channels, what writes and reads the state, and steps."""
        outputs = self.width + self.convolution.channels + self.heads
        return (graph.linear(LinearLayer("state_input", self.hidden_size, outputs, self.input_bias), x),)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add convolution, recurrence, and the gate with its norm."""
        (inside,) = projected
        tokens = graph.shape(inside)[0]
        convolved = self.convolution.build(graph, "state_convolution", inside)
        constants = (graph.fine("state_space.decay_step_skip", 3 * self.heads),)
        # Softplus and exponential for each head; the decay of each element; step times input, and the skip.
        operations = 2 * vector_counts.SIGMOID * self.heads + self.state.elements + 3 * self.width
        found = rewrite(
            graph,
            "state_space",
            self.state,
            (convolved.result, inside),
            (tokens, self.width),
            PRODUCTS * self.state.elements,
            operations,
            constants,
        )
        gating = vector_counts.ACTIVATION["silu"] + vector_counts.GATE
        if self.norm:
            gating += vector_counts.RMS_NORM
        gains = (graph.fine("state_gate.gain", self.width),) if self.norm else ()
        inputs, shape = (found.result, inside), (tokens, self.width)
        result = graph.vector("state_gate", inputs, gating * tokens * self.width, shape, gains)
        return Mixed(result, (*convolved.kept, *found.kept))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of the gated output."""
        return "state_gate", (tokens, self.width)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the projection to the channels outside."""
        return graph.linear(
            LinearLayer("state_output", self.width, self.hidden_size, self.output_bias), mixed
        )

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of both states, however long the text is."""
        return self.state.bytes + self.convolution.state.bytes
