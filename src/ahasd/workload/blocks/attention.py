"""Attention: causal against a cache, of all to all, or to what an encoder made; exact counts of each."""

from dataclasses import dataclass
from typing import NamedTuple

from ahasd.workload import vector_counts
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind, tensor


class AttentionSpan(NamedTuple):
    """What tokens attend to.

    Parameters
    ----------
    entries
        Keys that at least one of the tokens attends to.
    longest
        Entries that the last token attends to.
    pairs
        Sum over the tokens of the entries that each attends to.
    """

    entries: int
    longest: int
    pairs: int


def causal_span(tokens: int, context: int, sliding_window: int | None = None) -> AttentionSpan:
    """Span of `tokens` tokens after `context` entries under a causal mask.

    Token t (from 0) attends to min(window, context + t + 1) entries, itself included.
    """
    end = context + tokens
    window = sliding_window or end
    # Until the window is full each token attends to one entry more than the one before it.
    growing = min(max(window - context, 0), tokens)
    pairs = growing * context + growing * (growing + 1) // 2 + (tokens - growing) * window
    return AttentionSpan(entries=min(end, window + tokens - 1), longest=min(end, window), pairs=pairs)


def chunked_span(tokens: int, context: int, chunk: int) -> AttentionSpan:
    """Span of tokens each of which attends to its chunk of the text up to itself (Llama 4).

    The token at position p (from 0) attends to p mod chunk + 1 entries.
    """

    def pairs_before(position: int) -> int:
        chunks, rest = divmod(position, chunk)
        return chunks * (chunk * (chunk + 1) // 2) + rest * (rest + 1) // 2

    end, start = context + tokens, context // chunk * chunk
    return AttentionSpan(end - start, min(end - start, chunk), pairs_before(end) - pairs_before(context))


def full_span(tokens: int, entries: int) -> AttentionSpan:
    """Span of tokens that all attend to all entries, as in an encoder or to an encoder."""
    return AttentionSpan(entries, entries, tokens * entries)


class KeysValues(NamedTuple):
    """Names of the values that hold keys and values; both may be the same where one value holds queries too."""

    keys: str
    values: str


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
        Whether queries and keys are normalised per head (Qwen3).
    rotary
        Whether queries and keys are rotated by their positions.
    sliding_window
        Entries that a token attends to, itself included; None is all.
    chunk
        Length of the parts of the text that do not attend to each other (Llama 4); None is one part.
    sinks
        Whether each query head has a score of its own that takes a part of the probability (gpt-oss).
    gated
        Whether what was attended to is multiplied by a sigmoid of a projection as wide as the queries (Qwen3-Next).
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
    query_key_norm: bool = False
    rotary: bool = False
    sliding_window: int | None = None
    chunk: int | None = None
    sinks: bool = False
    gated: bool = False
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
        new = self.keys_values(graph, x)
        queries, keys = self.place(graph, queries, new.keys)
        return queries, keys, new.values, *self._gate(graph, x)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add the writing of the new keys and values to the cache, and the attending to all that is in it."""
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
        kept = min(entries, self.sliding_window or entries, self.chunk or entries)
        return 2 * precision.kv_bytes(self.key_value_width * kept)

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
        values = graph.linear(
            self._layer("value", self.hidden_size, self.key_value_width, self.value_bias), x
        )
        return KeysValues(keys, values)

    def place(self, graph: GraphBuilder, queries: str, keys: str) -> tuple[str, str]:
        """Add the norm and the rotation of queries and keys, each of which takes and makes both as one value."""
        tokens, both = graph.shape(queries)[0], self.query_width + self.key_value_width
        taken: tuple[str, ...] = (queries, keys)
        for wanted, name, count, gains in (
            (self.query_key_norm, "query_key_norm", vector_counts.RMS_NORM, 2 * self.head_dim),
            (self.rotary, "rotary", vector_counts.ROTARY, 0),
        ):
            if wanted:
                constants = (graph.fine(f"{self.name}{name}.gain", gains),) if gains else ()
                shape, operations = (tokens, both), count * tokens * both
                taken = (graph.vector(self.name + name, taken, operations, shape, constants),)
        return taken[0], taken[-1]

    def append(self, graph: GraphBuilder, new: KeysValues, entries: int) -> KeysValues:
        """Add the writing of new keys and values to a cache with room for them, where the cache is."""
        tokens = graph.shape(new.values)[0]
        caches = self.cache(graph, entries)
        elements = tokens * self.key_value_width
        operator = Operator(
            self.name + "append",
            OperatorKind.APPEND,
            tokens,
            self.head_dim,
            self.head_dim,
            self.key_value_heads,
            1,
            kv_write_bytes=2 * graph.precision.kv_bytes(elements),
            input_bytes=graph.precision.activation_bytes(2 * elements),
        )
        written = [
            tensor(f"{cache}.appended", ValueKind.OUTPUT, graph.shape(cache), graph.precision.kv_type, cache)
            for cache in (caches.keys, caches.values)
        ]
        graph.add(operator, (new.keys, new.values, caches.keys, caches.values), *written)
        return KeysValues(written[0].name, written[1].name)

    def cache(self, graph: GraphBuilder, entries: int) -> KeysValues:
        """Add a cache of so many entries that is given."""
        shape = (self.key_value_heads, entries, self.head_dim)
        keys, values = (
            graph.input(f"{self.name}{of}_cache", shape, graph.precision.kv_type) for of in ("key", "value")
        )
        return KeysValues(keys, values)

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
            vector_operations=vector_counts.SOFTMAX * scores,
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
        layer = self._layer("attention_output", self.query_width, self.hidden_size, self.output_bias)
        return graph.linear(layer, attended)

    def _layer(self, name: str, inputs: int, outputs: int, bias: bool) -> LinearLayer:
        return LinearLayer(self.name + name, inputs, outputs, bias)
