"""Latent attention to the entries that an index picks: DeepSeek Sparse Attention."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.blocks.attention_span import AttentionSpan, causal_span
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.token_mixer import Mixed, TokenMixer
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind, tensor


@dataclass(frozen=True, slots=True)
class IndexedAttention(TokenMixer):
    """Every token attends to the entries whose index keys suit it best (DeepSeek-V3.2, arXiv 2512.02556).

    The index scores all entries with narrow keys of their own, one for all heads, and keeps those beside the latent
    vectors. Tokens of a pass may pick different entries: it reads no more than all of them pick together, which is
    what is counted. Passes of any width attend to the latent vectors themselves, since what is picked is picked entry
    by entry.

    Parameters
    ----------
    attention
        What attends; absorbed whatever the width.
    heads, head_dim
        Of the index.
    picked
        Entries that a token attends to at most.
    """

    attention: LatentAttention
    heads: int
    head_dim: int
    picked: int

    def project(self, graph: GraphBuilder, x: str) -> tuple[str, ...]:
        """Add the projections of attention, and those of the index: queries, a key, a weight for each head."""
        narrow = self.attention.narrow(graph, x)
        projected = self.attention.project_from(graph, x, narrow)
        width = graph.shape(narrow)[-1]
        queries = graph.linear(LinearLayer("index_query", width, self.heads * self.head_dim), narrow)
        hidden = self.attention.hidden_size
        key = graph.linear(LinearLayer("index_key", hidden, self.head_dim), x)
        key = Norm(self.head_dim, "layer", bias=True).build(graph, key, "index_key_norm")
        return *projected, queries, key, graph.linear(LinearLayer("index_weight", hidden, self.heads), x)

    def mix(self, graph: GraphBuilder, projected: tuple[str, ...], context: int) -> Mixed:
        """Add the index over all entries, and the attending to those that it picks."""
        queries, latent, index_queries, index_key, weights = projected
        tokens = graph.shape(latent)[0]
        everything = causal_span(tokens, context)
        kept = self._append(graph, index_key, everything.entries)
        picked = self._pick(graph, index_queries, kept, weights, everything)
        span = causal_span(tokens, context, self.picked)
        read = min(everything.entries, tokens * self.picked)
        span = AttentionSpan(read, span.longest, span.pairs)
        mixed = self.attention.mix_over(graph, (queries, latent), everything.entries, span)
        return Mixed(mixed.result, (*mixed.kept, kept, picked))

    def mixed_shape(self, tokens: int) -> tuple[str, tuple[int, ...]]:
        """Name and shape of what was attended to."""
        return self.attention.mixed_shape(tokens)

    def output(self, graph: GraphBuilder, mixed: str) -> str:
        """Add the way of attention back to the channels of the layer."""
        return self.attention.output(graph, mixed)

    def kept_bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of latent vectors and of the index's keys."""
        return self.attention.kept_bytes(entries, precision) + precision.kv_bytes(self.head_dim * entries)

    def _append(self, graph: GraphBuilder, key: str, entries: int) -> str:
        """Add the writing of the new keys, each as two halves where a device has keys and values."""
        precision, (tokens, width) = graph.precision, graph.shape(key)
        cache = graph.input("index_cache", (entries, width), precision.kv_type)
        written = precision.kv_bytes(tokens * width)
        operator = Operator(
            "index_append",
            OperatorKind.APPEND,
            tokens,
            width // 2,
            width // 2,
            1,
            1,
            kv_write_bytes=written,
            input_bytes=graph.bytes(key),
        )
        kept = f"{cache}.appended"
        shape = graph.shape(cache)
        graph.add(operator, (key, cache), tensor(kept, ValueKind.OUTPUT, shape, precision.kv_type, cache))
        return kept

    def _pick(self, graph: GraphBuilder, queries: str, kept: str, weights: str, span: AttentionSpan) -> str:
        """Add the scores of all entries, and the choice of the best by their weighted sum."""
        precision, tokens = graph.precision, graph.shape(queries)[0]
        scores = self.heads * span.pairs
        operator = Operator(
            "index_score",
            OperatorKind.SCORE,
            tokens * self.heads,
            self.head_dim,
            span.longest,
            1,
            1,
            macs=scores * self.head_dim,
            kv_read_bytes=precision.kv_bytes(self.head_dim * span.entries),
            input_bytes=graph.bytes(queries),
            output_bytes=precision.activation_bytes(scores),
        )
        scored = graph.activation(operator, (queries, kept), (self.heads, span.pairs))
        # ReLU, weight and sum of each score, and a comparison for each entry.
        each = vector_counts.ACTIVATION["relu"] + vector_counts.WEIGHTED_SUM
        operations = each * scores + span.pairs
        return graph.vector("index_pick", (scored, weights), operations, (tokens, self.picked))
