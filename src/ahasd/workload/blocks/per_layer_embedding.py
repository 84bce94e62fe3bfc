"""Embeddings of each layer's own: beside the stream, every layer reads a few channels of each token (Gemma 3n)."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.feed_forward import Activation
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer

#: What the layers read of it, each its own channels.
PER_LAYER = "per_layer_inputs"


@dataclass(frozen=True, slots=True)
class PerLayerEmbedding:
    """Made before the layers: rows of a second table, and a projection of the embedding, added.

    Parameters
    ----------
    rows, width
        Of the table: tokens that it knows, and channels for one layer.
    layers, hidden_size
        Layers, and channels of the stream.
    norm
        Of what is projected, over the channels of a layer.
    """

    rows: int
    width: int
    layers: int
    hidden_size: int
    norm: Norm

    def build(self, graph: GraphBuilder, tokens: str, embedded: str) -> str:
        """Add its nodes; what they make is named `PER_LAYER`."""
        across = self.width * self.layers
        table = graph.matrix("per_layer_embedding.table", (self.rows, across))
        own = graph.look_up("per_layer_embedding", tokens, table)
        projected = graph.linear(
            LinearLayer("per_layer_model_projection", self.hidden_size, across), embedded
        )
        return add(graph, PER_LAYER, own, self.norm.build(graph, projected, "per_layer_projection_norm"))


@dataclass(frozen=True, slots=True)
class PerLayerInput:
    """At the end of a layer: what the stream gates of the layer's own channels is added to the stream.

    Parameters
    ----------
    hidden_size, width
        Channels of the stream, and of the layer's own.
    activation
        Of the gate.
    norm
        Before it is added.
    """

    hidden_size: int
    width: int
    activation: Activation
    norm: Norm

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes, of which one reads `PER_LAYER`."""
        return add(graph, "per_layer_residual", x, self.made(graph, x))

    def made(self, graph: GraphBuilder, x: str) -> str:
        """Add all but the sum with the stream."""
        own = graph.input(PER_LAYER, (graph.shape(x)[0], self.width))
        gate = graph.linear(LinearLayer("per_layer_gate", self.hidden_size, self.width), x)
        count = vector_counts.ACTIVATION[self.activation] + vector_counts.GATE
        gated = graph.vector("per_layer_activation", (gate, own), count * graph.elements(gate))
        y = graph.linear(LinearLayer("per_layer_projection", self.width, self.hidden_size), gated)
        return self.norm.build(graph, y, "per_layer_norm")
