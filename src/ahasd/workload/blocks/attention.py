"""Attention: causal against a cache, of all to all, or to what an encoder made; exact counts of each."""

from dataclasses import dataclass
from math import prod

from ahasd.workload import vector_counts
from ahasd.workload.blocks.attention_span import AttentionSpan, causal_span, chunked_span
from ahasd.workload.blocks.head_norm import HeadNorm
from ahasd.workload.blocks.key_value_cache import KeysValues, KeyValueCache
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class Attention(TokenMixer):
    """Queries that attend to keys and take up values.

    Query heads that share a key-value head are rows of one product, so keys and values are read once.

    Parameters
    ----------
    hidden_size
        Channels outside.
    heads, key_value_heads, head_dim
        Query heads, key-value heads (a divisor of them), channels of a head.
    query_bias, key_bias, value_bias, output_bias
        Which matrices have a bias.
    query_key_norm
        How queries and keys are normalised (Qwen3), if they are.
    rotary
        Whether queries and keys are rotated by their positions.
    position_bias
        Whether scores are lowered by the distance of what they are of (ALiBi, arXiv 2108.12409).
    soft_cap
        Whether scores are capped by a tanh (Gemma 2).
    sliding_window
        Entries that a token attends to, itself included; None is all.
    chunk
        Length of the parts of the text that do not attend to each other (Llama 4); None is one part.
    sinks
        Whether each query head has a score of its own that takes a part of the probability (gpt-oss).
    gated
        Whether what was attended to is multiplied by a sigmoid of a projection as wide as the queries (Qwen3-Next).
    value_projection
        Whether values have a matrix of their own; else they are the keys before norm and rotation (Gemma 4).
    shares_cache
        Whether keys and values are those that another layer made and keeps (Gemma 3n).
    inner_norm
        Before the matrix that leads outside, if there is one (BitNet).
    name
        What the names of its nodes begin with.
    """

    hidden_size: int
    heads: int
    key_value_heads: int
    head_dim: int
    query_bias: bool = False
    key_bias: bool = False
    value_bias: bool = False
    output_bias: bool = False
    query_key_norm: HeadNorm | None = None
    rotary: bool = False
    position_bias: bool = False
    soft_cap: bool = False
    sliding_window: int | None = None
    chunk: int | None = None
    sinks: bool = False
    gated: bool = False
    value_projection: bool = True
    shares_cache: bool = False
    inner_norm: Norm | None = None
    name: str = ""

    @property
    def query_width(self) -> int:
        """Channels of all query heads."""
        return self.heads * self.head_dim

    @property
    def key_value_width(self) -> int:
        """Channels of all key heads (as many again for the values)."""
        return self.key_value_heads * self.head_dim

    @property
    def attended(self) -> str:
        """Name of the value that `attend` makes."""
        return f"{self.name}gated_context" if self.gated else f"{self.name}context"

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projections to queries, keys and values, with their norms and positions."""
        queries = self.queries(graph, x)
        if self.shares_cache:
            return self.place(graph, queries)
        new = self.keys_values(graph, x)
        placed = self.place(graph, queries, new.keys)
        return placed[0], placed[-1], self._normed_values(graph, new.values), *self._gate(graph, x)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add the writing of the new keys and values to the cache, and the attending to all that is in it."""
        if self.shares_cache:
            (queries,) = projected
            span = self._span(graph.shape(queries)[0], context)
            return Mixed(self.attend(graph, queries, self.cache(graph, span.entries), span, cached=True), ())
        queries, keys, values, *gate = projected
        span = self._span(graph.shape(values)[0], context)
        appended = self.append(graph, KeysValues(keys, values), span.entries)
        attended = self.attend(graph, queries, appended, span, cached=True)
        if self.gated:
            operations = (vector_counts.SIGMOID + vector_counts.GATE) * graph.elements(attended)
            attended = graph.vector(self.attended, (attended, *gate), operations)
        return Mixed(attended, tuple(appended))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of what was attended to."""
        return self.attended, (tokens, self.query_width)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of keys and values; a window lets go of entries that no later token attends to."""
        if self.shares_cache:
            return 0
        kept = min(entries, self.sliding_window or entries, self.chunk or entries)
        return self._cache.bytes(kept, precision)

    def _span(self, tokens: int, context: int) -> AttentionSpan:
        if self.chunk is not None:
            return chunked_span(tokens, context, self.chunk)
        return causal_span(tokens, context, self.sliding_window)

    def _gate(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        if not self.gated:
            return ()
        layer = self._layer("attention_gate", self.hidden_size, self.query_width, self.query_bias)
        return (graph.linear(layer, x),)

    def queries(self, graph: GraphBuilder, x: str) -> str:
        """Add the projection to queries."""
        return graph.linear(self._layer("query", self.hidden_size, self.query_width, self.query_bias), x)

    def keys_values(self, graph: GraphBuilder, x: str) -> KeysValues:
        """Add the projections to keys and to values."""
        keys = graph.linear(self._layer("key", self.hidden_size, self.key_value_width, self.key_bias), x)
        if not self.value_projection:
            return KeysValues(keys, keys)
        values = graph.linear(
            self._layer("value", self.hidden_size, self.key_value_width, self.value_bias), x
        )
        return KeysValues(keys, values)

    def place(self, graph: GraphBuilder, *taken: str) -> tuple[str, ...]:
        """Add the norm and the rotation of queries and keys, each of which takes and makes all as one value."""
        if self.query_key_norm is not None:
            name = f"{self.name}query_key_norm"
            taken = (self.query_key_norm.build(graph, taken, self.head_dim, name),)
        if self.rotary:
            shape = (graph.shape(taken[0])[0], sum(graph.shape(value)[-1] for value in taken))
            taken = (graph.vector(f"{self.name}rotary", taken, vector_counts.ROTARY * prod(shape), shape),)
        return taken

    def _normed_values(self, graph: GraphBuilder, values: str) -> str:
        norm = self.query_key_norm
        if norm is None or not norm.values:
            return values
        return graph.vector(f"{self.name}value_norm", (values,), norm.operations * graph.elements(values))

    def append(self, graph: GraphBuilder, new: KeysValues, entries: int) -> KeysValues:
        """Add the writing of new keys and values to a cache with room for them, where the cache is."""
        return self._cache.append(graph, new, entries)

    def cache(self, graph: GraphBuilder, entries: int) -> KeysValues:
        """Add a cache of so many entries that is given."""
        return self._cache.given(graph, entries)

    def attend(
        self, graph: GraphBuilder, queries: str, to: KeysValues, span: AttentionSpan, cached: bool
    ) -> str:
        """Add scores, softmax and the sum of values.

        Parameters
        ----------
        queries
            Value that holds the queries.
        to
            What they attend to.
        span
            How much of it.
        cached
            Whether keys and values lie in a cache; else they are activations like the queries.
        """
        precision, tokens = graph.precision, graph.shape(queries)[0]
        rows = tokens * (self.heads // self.key_value_heads)
        macs, scores = self.query_width * span.pairs, self.heads * span.pairs
        held = self.key_value_width * span.entries
        from_cache = precision.kv_bytes(held) if cached else 0
        activations = 0 if cached else precision.activation_bytes(held)
        query_bytes = precision.activation_bytes(tokens * self.query_width)
        score_bytes = precision.activation_bytes(scores)
        score = Operator(
            self.name + "score",
            OperatorKind.SCORE,
            rows,
            self.head_dim,
            span.longest,
            self.key_value_heads,
            1,
            macs,
            kv_read_bytes=from_cache,
            input_bytes=query_bytes + activations,
            output_bytes=score_bytes,
            within_attention=True,
        )
        sinks = (graph.fine(f"{self.name}softmax.sinks", self.heads),) if self.sinks else ()
        softmax = Operator(
            self.name + "softmax",
            OperatorKind.VECTOR,
            tokens,
            span.longest,
            span.longest,
            self.heads,
            1,
            weight_bytes=sum(map(graph.bytes, sinks)),
            input_bytes=score_bytes,
            output_bytes=score_bytes,
            vector_operations=self._operations_per_score * scores,
            within_attention=True,
        )
        context = Operator(
            f"{self.name}context",
            OperatorKind.CONTEXT,
            rows,
            span.longest,
            self.head_dim,
            self.key_value_heads,
            1,
            macs,
            kv_read_bytes=from_cache,
            input_bytes=score_bytes + activations,
            output_bytes=query_bytes,
            within_attention=True,
        )
        # Only the pairs that the mask lets through are made.
        made = (self.heads, span.pairs)
        keys = (queries,) if to.keys == queries else (queries, to.keys)
        weights = graph.activation(softmax, (graph.activation(score, keys, made), *sinks), made)
        return graph.activation(context, (weights, to.values), (tokens, self.query_width))

    def output(self, graph: GraphBuilder, attended: str) -> str:
        """Add the projection of all heads to the channels outside."""
        if self.inner_norm is not None:
            attended = self.inner_norm.build(graph, attended, f"{self.name}attention_inner_norm")
        layer = self._layer("attention_output", self.query_width, self.hidden_size, self.output_bias)
        return graph.linear(layer, attended)

    @property
    def _cache(self) -> KeyValueCache:
        return KeyValueCache(self.key_value_heads, self.head_dim, self.name)

    @property
    def _operations_per_score(self) -> int:
        """Vector operations of one score, from the product that makes it to a probability."""
        bias = vector_counts.POSITION_BIAS if self.position_bias else 0
        return vector_counts.SOFTMAX + bias + (vector_counts.SOFT_CAP if self.soft_cap else 0)

    def _layer(self, name: str, inputs: int, outputs: int, bias: bool) -> LinearLayer:
        return LinearLayer(self.name + name, inputs, outputs, bias)
