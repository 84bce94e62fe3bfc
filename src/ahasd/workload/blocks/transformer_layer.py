"""A layer of a transformer, of a decoder or an encoder."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ahasd.workload.blocks.attention import Attention, KeysValues, full_span
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.graph_builder import GraphBuilder


class Block(Protocol):
    """Whatever makes of a value another of the same shape: a feed-forward part, a mixture of experts."""

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes, and return the name of the value that they make."""


class Opening(NamedTuple):
    """Names of the values that a layer makes before it attends.

    Attributes
    ----------
    normed
        What attention reads, and in parallel layers the feed-forward part too.
    queries
        Value that holds the queries.
    new
        Keys and values of the same tokens.
    """

    normed: str
    queries: str
    new: KeysValues


@dataclass(frozen=True, slots=True)
class TransformerLayer:
    """Norm, attention, residual; norm, feed-forward, residual.

    It is built in three parts, since only the middle one depends on how much there is to attend to: `begin`, then
    what its attention does, then `finish`.

    Parameters
    ----------
    attention
        To the tokens themselves.
    feed_forward
        The other part.
    norm
        Before each of both.
    parallel
        Whether both read the same norm and are added together (PaLM, arXiv 2204.02311 §2).
    cross_attention
        To what an encoder made, between both, with a norm of its own.
    """

    attention: Attention
    feed_forward: Block
    norm: Norm
    parallel: bool = False
    cross_attention: Attention | None = None

    def begin(self, graph: GraphBuilder, x: str) -> Opening:
        """Add norm and projections to queries, keys and values."""
        normed = self.norm.build(graph, x, "norm" if self.parallel else "attention_norm")
        queries = self.attention.queries(graph, normed)
        new = self.attention.keys_values(graph, normed)
        queries, keys = self.attention.place(graph, queries, new.keys)
        return Opening(normed, queries, KeysValues(keys, new.values))

    def finish(self, graph: GraphBuilder, x: str, normed: str, attended: str, encoded: int = 0) -> str:
        """Add everything after attention.

        Parameters
        ----------
        x, normed, attended
            What entered the layer, what its first norm and what its attention made of it.
        encoded
            Entries that cross-attention attends to.
        """
        x = add(graph, "attention_residual", x, self.attention.output(graph, attended))
        if self.cross_attention is not None:
            x = add(graph, "cross_attention_residual", x, self._cross(graph, x, encoded))
        if not self.parallel:
            normed = self.norm.build(graph, x, "feed_forward_norm")
        return add(graph, "feed_forward_residual", x, self.feed_forward.build(graph, normed))

    def _cross(self, graph: GraphBuilder, x: str, encoded: int) -> str:
        """Add attention to keys and values that were made of the encoder's output once and lie in a cache."""
        attention = self.cross_attention
        assert attention is not None
        queries = attention.queries(graph, self.norm.build(graph, x, "cross_attention_norm"))
        span = full_span(graph.shape(queries)[0], encoded)
        attended = attention.attend(graph, queries, attention.cache(graph, encoded), span, cached=True)
        return attention.output(graph, attended)
