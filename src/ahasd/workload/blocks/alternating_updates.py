"""Several streams side by side, of which layers work on one and guess the others (AltUp, arXiv 2301.13310)."""

from dataclasses import dataclass
from typing import NamedTuple

from ahasd.workload import vector_counts
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind


class Predicted(NamedTuple):
    """Names of what a layer guesses of its streams: of the one that it works on, and of the others."""

    active: str
    others: str


@dataclass(frozen=True, slots=True)
class AlternatingUpdates:
    """Streams of a decoder as one value, and the learned augmented residual of its layers (Gemma 3n).

    What needs one of the streams is counted as reading all of them.

    Parameters
    ----------
    streams
        How many there are, of `hidden_size` channels each.
    hidden_size
        Channels that a layer works on.
    residual_rank
        Channels between the two matrices of the augmented residual.
    norm
        Of the router and of the augmented residual.
    """

    streams: int
    hidden_size: int
    residual_rank: int
    norm: Norm

    @property
    def width(self) -> int:
        """Channels of all streams."""
        return self.streams * self.hidden_size

    def spread(self, graph: GraphBuilder, x: str) -> str:
        """Add the making of all streams from an embedding."""
        others = self._projections(graph, "spread", x)
        count = vector_counts.RMS_NORM * graph.shape(x)[0] * self.width
        return graph.vector("spread_scale", (x, others), count, (graph.shape(x)[0], self.width))

    def gather(self, graph: GraphBuilder, streams: str) -> str:
        """Add the mean of all streams, those but the first projected."""
        tokens, others = graph.shape(streams)[0], self._projections(graph, "gather", streams)
        count = (vector_counts.RMS_NORM + vector_counts.RESIDUAL) * tokens * self.width
        return graph.vector("gather_mean", (streams, others), count, (tokens, self.hidden_size))

    def predict(self, graph: GraphBuilder, streams: str) -> Predicted:
        """Add the guess of what a layer will make of each stream: a mixture of all, by weights for each token."""
        tokens, hidden = graph.shape(streams)[0], self.hidden_size
        weights = self._routed(graph, "predict", streams, self.streams**2)
        each = vector_counts.WEIGHTED_SUM * self.streams + vector_counts.RESIDUAL
        active, others = (
            graph.vector(f"predict_{name}", (streams, weights), each * tokens * width, (tokens, width))
            for name, width in (("active", hidden), ("others", self.width - hidden))
        )
        return Predicted(active, others)

    def residual(self, graph: GraphBuilder, x: str) -> str:
        """Add the augmented residual of what the mixer reads."""
        narrow = graph.linear(LinearLayer("laurel_left", self.hidden_size, self.residual_rank), x)
        wide = graph.linear(LinearLayer("laurel_right", self.residual_rank, self.hidden_size), narrow)
        return add(graph, "laurel_residual", x, self.norm.build(graph, wide, "laurel_norm"))

    def correct(self, graph: GraphBuilder, predicted: Predicted, made: str) -> Predicted:
        """Add to each guess its share of how the guess of the first stream was wrong."""
        weights = self._routed(graph, "correct", made, self.streams)
        active, others = (
            graph.vector(
                f"correct_{name}",
                tuple(dict.fromkeys((guess, made, predicted.active, weights))),
                (vector_counts.RESIDUAL + vector_counts.WEIGHTED_SUM) * graph.elements(guess),
            )
            for name, guess in (("active", predicted.active), ("others", predicted.others))
        )
        return Predicted(active, others)

    def scaled(self, graph: GraphBuilder, active: str) -> str:
        """Add the learned scale of the corrected first stream, as the layer's own embedding reads it."""
        gains = graph.fine("correct_scale.gain", self.hidden_size)
        return graph.vector("correct_scale", (active,), graph.elements(active), constants=(gains,))

    def join(self, graph: GraphBuilder, corrected: Predicted, made: str) -> str:
        """Add what a layer made of its own embedding to all streams but the first, and put all together."""
        count = vector_counts.RESIDUAL * graph.elements(corrected.others)
        shape = (graph.shape(made)[0], self.width)
        return graph.vector("streams", (corrected.active, corrected.others, made), count, shape)

    def _routed(self, graph: GraphBuilder, name: str, x: str, outputs: int) -> str:
        """Add weights for each token: a router, which a layer uses twice, and a small matrix of this use's own."""
        tokens = graph.shape(x)[0]
        gains = graph.fine("router_norm.gain", self.norm.parameters)
        count = vector_counts.normalization_operations(self.norm.kind) * tokens * self.hidden_size
        normed = graph.vector(f"{name}_norm", (x,), count, (tokens, self.hidden_size), (gains,))
        layer = LinearLayer(f"{name}_router", self.hidden_size, self.streams)
        routed = graph.linear(layer, normed, "router.weight")
        bounded = graph.vector(f"{name}_tanh", (routed,), vector_counts.TANH * graph.elements(routed))
        return graph.linear(LinearLayer(f"{name}_coefficients", self.streams, outputs), bounded)

    def _projections(self, graph: GraphBuilder, name: str, x: str) -> str:
        """Add a projection for each stream but the first, as one product."""
        tokens, hidden, others = graph.shape(x)[0], self.hidden_size, self.streams - 1
        weights = graph.matrix(f"{name}.weight", (others, hidden, hidden))
        operator = Operator(
            name,
            OperatorKind.MATMUL,
            tokens,
            hidden,
            hidden,
            others,
            1,
            macs=tokens * others * hidden**2,
            weight_bytes=graph.bytes(weights),
            input_bytes=graph.bytes(x),
            output_bytes=graph.precision.activation_bytes(tokens * others * hidden),
        )
        return graph.activation(operator, (x, weights), (tokens, others * hidden))
