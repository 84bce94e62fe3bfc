"""What stands before and after the layers of a decoder: tables that tokens are looked up in, and the head."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.alternating_updates import AlternatingUpdates
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.blocks.per_layer_embedding import PER_LAYER, PerLayerEmbedding
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer

#: The table of token embeddings, which a tied head multiplies by.
TABLE = "embedding.table"


@dataclass(frozen=True, slots=True)
class Embedding:
    """Tokens become channels, and learned positions are added.

    Parameters
    ----------
    vocabulary_size, width
        Rows and columns of the table.
    hidden_size
        Channels of the layers; a matrix leads there where the table is narrower (OPT-350m).
    positions
        Rows of a learned position table; 0 is none.
    fixed_positions
        Whether a table of positions is added that is computed rather than learned (XGLM).
    norm
        Behind everything else, if there is one (BLOOM).
    per_layer
        What is made for each layer besides, if anything is.
    alternating
        How several streams are made of it, if there are several.
    """

    vocabulary_size: int
    width: int
    hidden_size: int
    positions: int = 0
    fixed_positions: bool = False
    norm: Norm | None = None
    per_layer: PerLayerEmbedding | None = None
    alternating: AlternatingUpdates | None = None

    @property
    def stream_width(self) -> int:
        """Channels of what goes from layer to layer."""
        return self.hidden_size if self.alternating is None else self.alternating.width

    @property
    def sides(self) -> tuple[str, ...]:
        """Names of the values that it makes beside the stream."""
        return () if self.per_layer is None else (PER_LAYER,)

    def build(self, graph: GraphBuilder, tokens: str) -> str:
        """Add its nodes."""
        x = graph.look_up("embedding", tokens, graph.matrix(TABLE, (self.vocabulary_size, self.width)))
        if self.width != self.hidden_size:
            x = graph.linear(LinearLayer("project_in", self.width, self.hidden_size), x)
        if self.positions:
            table = graph.matrix("position_embedding.table", (self.positions, self.hidden_size))
            x = add(graph, "position_add", x, graph.look_up("position_embedding", tokens, table))
        if self.fixed_positions:
            x = graph.vector("position_add", (x,), vector_counts.RESIDUAL * graph.elements(x))
        if self.norm is not None:
            x = self.norm.build(graph, x, "embedding_norm")
        if self.per_layer is not None:
            self.per_layer.build(graph, tokens, x)
        return x if self.alternating is None else self.alternating.spread(graph, x)


@dataclass(frozen=True, slots=True)
class Head:
    """Probabilities of all tokens of the vocabulary.

    Parameters
    ----------
    vocabulary_size, width
        Rows and columns of the matrix.
    hidden_size
        Channels of the layers; a matrix leads from there where the head is narrower (OPT-350m).
    norm
        Before everything else, if there is one.
    tied
        Whether the matrix is the embedding table.
    bias
        Whether it has a bias (Phi).
    soft_cap
        Whether logits are capped by a tanh (Gemma 2).
    alternating
        How several streams become one again, if there are several.
    """

    vocabulary_size: int
    width: int
    hidden_size: int
    norm: Norm | None = None
    tied: bool = False
    bias: bool = False
    soft_cap: bool = False
    alternating: AlternatingUpdates | None = None

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes."""
        if self.alternating is not None:
            x = self.alternating.gather(graph, x)
        if self.norm is not None:
            x = self.norm.build(graph, x, "final_norm")
        if self.width != self.hidden_size:
            x = graph.linear(LinearLayer("project_out", self.hidden_size, self.width), x)
        layer = LinearLayer("lm_head", self.width, self.vocabulary_size, self.bias)
        logits = graph.linear(layer, x, TABLE if self.tied else None)
        count = vector_counts.SOFTMAX + (vector_counts.SOFT_CAP if self.soft_cap else 0)
        return graph.vector("lm_head_softmax", (logits,), count * graph.elements(logits))
