"""Multi-head latent attention: keys and values of all heads are made of one narrow vector, which is what is kept."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.attention_span import AttentionSpan, causal_span
from ahasd.workload.blocks.headwise import multiply_heads
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind, tensor

#: Name of what is attended to.
CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class LatentAttention(TokenMixer):
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434 §2.1).

    There are two ways to compute the same. *Expanded*: keys and values of all heads are made of the latent vectors of
    all entries, as if they had been cached. *Absorbed*: the matrix that makes keys is multiplied into the queries and
    the one that makes values into what was attended to (§2.1.2), so that every head attends to the latent vectors
    themselves, and nothing is made of what is cached. With tokens × (2·latent − key − value channels of a head) below
    latent × (key + value channels), the absorbed way takes fewer products at a long context and is taken: up to 170
    tokens in DeepSeek-V3, so decode steps and verifications are absorbed and prompts expanded, as programs do (vLLM's
    MLA backends: "compute friendly" for prefill, "data-movement friendly" for decode). The choice is by the width of
    the pass alone.

    Parameters
    ----------
    hidden_size, heads
        Channels outside; query heads.
    latent, rotary_dim
        Channels of what is kept of a token for all heads together: keys and values compressed, and a key that
        carries the position.
    key_dim, value_dim
        Channels of a head that are made of the latent ones.
    query_rank
        Width through which queries come; None is one matrix (DeepSeek-V2-Lite).
    bias
        Whether the matrices that lead inside at once or narrow, and the one that leads outside, have a bias.
    always_absorbed
        Whether passes of any width are computed so.
    """

    hidden_size: int
    heads: int
    latent: int
    rotary_dim: int
    key_dim: int
    value_dim: int
    query_rank: int | None = None
    bias: bool = False
    always_absorbed: bool = False

    @property
    def kept_width(self) -> int:
        """Elements that are kept of a token."""
        return self.latent + self.rotary_dim

    def absorbs(self, tokens: int) -> bool:
        """Whether a pass of so many tokens attends to the latent vectors themselves."""
        made = self.key_dim + self.value_dim
        return self.always_absorbed or tokens * (2 * self.latent - made) <= self.latent * made

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projections to queries and to what is kept, and absorb the making of keys."""
        return self.project_from(graph, x, self.narrow(graph, x))

    def narrow(self, graph: GraphBuilder, x: str) -> str:
        """Add the way to the width through which queries come, if there is one."""
        if self.query_rank is None:
            return x
        down = LinearLayer("query_down", self.hidden_size, self.query_rank, self.bias)
        return Norm(self.query_rank, "rms").build(graph, graph.linear(down, x), "query_norm")

    def project_from(self, graph: GraphBuilder, x: str, narrow: str) -> tuple[str, ...]:
        """Add the projections, with queries from what `narrow` made."""
        tokens, width = graph.shape(x)[0], self.heads * (self.key_dim + self.rotary_dim)
        queries = graph.linear(LinearLayer("query", graph.shape(narrow)[-1], width), narrow)
        turned = vector_counts.ROTARY * tokens * self.rotary_dim
        queries = graph.vector("rotary", (queries,), self.heads * turned)
        latent = graph.linear(LinearLayer("latent", self.hidden_size, self.kept_width, self.bias), x)
        gains = (graph.fine("latent_norm.gain", self.latent),)
        operations = vector_counts.RMS_NORM * tokens * self.latent + turned
        latent = graph.vector("latent_norm", (latent,), operations, constants=gains)
        if self.absorbs(tokens):
            making = LinearLayer("key_absorbed", self.key_dim, self.latent)
            queries = multiply_heads(
                graph, making, self.heads, queries, (tokens, self.heads * self.kept_width)
            )
        return queries, latent

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add the writing of the new latent vectors to the cache, and the attending to all that is in it."""
        tokens = graph.shape(projected[1])[0]
        return self.mix_over(graph, projected, context + tokens, causal_span(tokens, context))

    def mix_over(
        self, graph: GraphBuilder, projected: tuple[str, ...], entries: int, span: AttentionSpan
    ) -> Mixed:
        """Add the same with a cache of so many entries, of which a span is attended to."""
        queries, latent = projected
        tokens = graph.shape(latent)[0]
        kept = self._append(graph, latent, entries)
        if self.absorbs(tokens):
            read = graph.precision.kv_bytes(self.kept_width * span.entries)
            again = graph.precision.kv_bytes(self.latent * span.entries)
            result = self._attend(graph, (queries, kept), (kept,), span, (read, again))
        else:
            made = self._expand(graph, kept, span.entries)
            result = self._attend(graph, (queries, made, kept), (made,), span, None)
        return Mixed(result, (kept,))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of what was attended to."""
        return CONTEXT, (tokens, self.heads * (self.latent if self.absorbs(tokens) else self.value_dim))

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the absorbed making of values, and the projection of all heads to the channels outside."""
        if self.absorbs(graph.shape(mixed)[0]):
            mixed = multiply_heads(
                graph, LinearLayer("value_absorbed", self.latent, self.value_dim), self.heads, mixed
            )
        width = self.heads * self.value_dim
        return graph.linear(LinearLayer("attention_output", width, self.hidden_size, self.bias), mixed)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of latent vectors and rotated keys."""
        return precision.kv_bytes(self.kept_width * entries)

    def _append(self, graph: GraphBuilder, latent: str, entries: int) -> str:
        """Add the writing of the new latent vectors, each as two halves where a device has keys and values."""
        tokens, elements = graph.shape(latent)[0], graph.elements(latent)
        cache = graph.input("latent_cache", (entries, self.kept_width), graph.precision.kv_type)
        half = self.kept_width // 2
        operator = Operator(
            "append",
            OperatorKind.APPEND,
            tokens,
            half,
            half,
            1,
            1,
            kv_write_bytes=graph.precision.kv_bytes(elements),
            input_bytes=graph.precision.activation_bytes(elements),
        )
        shape, kept = graph.shape(cache), f"{cache}.appended"
        written = tensor(kept, ValueKind.OUTPUT, shape, graph.precision.kv_type, cache)
        graph.add(operator, (latent, cache), written)
        return kept

    def _expand(self, graph: GraphBuilder, kept: str, entries: int) -> str:
        """Add the making of keys and values of all heads and entries."""
        precision = graph.precision
        layer = LinearLayer("key_value_expanded", self.latent, self.heads * (self.key_dim + self.value_dim))
        weights = graph.matrix(f"{layer.name}.weight", (layer.outputs, layer.inputs))
        operator = Operator(
            layer.name,
            OperatorKind.MATMUL,
            entries,
            layer.inputs,
            layer.outputs,
            1,
            1,
            macs=entries * layer.weights,
            weight_bytes=layer.bytes(precision),
            kv_read_bytes=precision.kv_bytes(self.latent * entries),
            output_bytes=precision.activation_bytes(entries * layer.outputs),
        )
        return graph.activation(operator, (kept, weights), (entries, layer.outputs))

    def _attend(
        self,
        graph: GraphBuilder,
        queries_keys: tuple[str, ...],
        values: tuple[str, ...],
        span: AttentionSpan,
        cached_bytes: tuple[int, int] | None,
    ) -> str:
        """Add scores, softmax and the sum of values: all heads over one cache, or each over its own keys and values.

        ``cached_bytes`` are those of keys and of values in the cache; None where both were expanded, but for the
        rotated keys, which are taken as expanded too.
        """
        precision, tokens = graph.precision, graph.shape(queries_keys[0])[0]
        one_cache = cached_bytes is not None
        rows, instances = (tokens * self.heads, 1) if one_cache else (tokens, self.heads)
        key, value = (
            (self.kept_width, self.latent)
            if one_cache
            else (
                self.key_dim + self.rotary_dim,
                self.value_dim,
            )
        )
        scores = self.heads * span.pairs
        read, again = cached_bytes or (0, 0)
        made_keys, made_values = (
            0 if one_cache else precision.activation_bytes(self.heads * width * span.entries)
            for width in (key, value)
        )
        query_bytes = precision.activation_bytes(tokens * self.heads * key)
        score_bytes = precision.activation_bytes(scores)
        shape = (self.heads, span.pairs)
        score = Operator(
            "score",
            OperatorKind.SCORE,
            rows,
            key,
            span.longest,
            instances,
            1,
            macs=scores * key,
            kv_read_bytes=read,
            input_bytes=query_bytes + made_keys,
            output_bytes=score_bytes,
            within_attention=True,
        )
        softmax = Operator(
            "softmax",
            OperatorKind.VECTOR,
            tokens,
            span.longest,
            span.longest,
            self.heads,
            1,
            input_bytes=score_bytes,
            output_bytes=score_bytes,
            vector_operations=vector_counts.SOFTMAX * scores,
            within_attention=True,
        )
        context = Operator(
            CONTEXT,
            OperatorKind.CONTEXT,
            rows,
            span.longest,
            value,
            instances,
            1,
            macs=scores * value,
            kv_read_bytes=again,
            input_bytes=score_bytes + made_values,
            output_bytes=precision.activation_bytes(tokens * self.heads * value),
            within_attention=True,
            reads_again=one_cache,
        )
        weights = graph.activation(softmax, (graph.activation(score, queries_keys, shape),), shape)
        return graph.activation(context, (weights, *values), (tokens, self.heads * value))
