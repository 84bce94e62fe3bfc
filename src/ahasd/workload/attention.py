"""Attention against the key-value cache: exact causal counts, with or without a sliding window."""

from dataclasses import dataclass

from ahasd.workload import vector_counts
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class AttentionSpan:
    """What new tokens attend to under a causal mask.

    Parameters
    ----------
    entries
        Cache entries that at least one of the tokens attends to.
    longest
        Entries that the last token attends to.
    pairs
        Sum over the tokens of the entries that each attends to.
    """

    entries: int
    longest: int
    pairs: int


def attention_span(tokens: int, context: int, sliding_window: int | None = None) -> AttentionSpan:
    """Span of `tokens` tokens after `context` entries.

    Token t (from 0) attends to min(window, context + t + 1) entries, itself included.
    """
    end = context + tokens
    window = sliding_window or end
    # Until the window is full each token attends to one entry more than the one before it.
    growing = min(max(window - context, 0), tokens)
    pairs = growing * context + growing * (growing + 1) // 2 + (tokens - growing) * window
    return AttentionSpan(entries=min(end, window + tokens - 1), longest=min(end, window), pairs=pairs)


def attention(spec: ModelSpec, tokens: int, context: int, precision: Precision) -> tuple[Operator, ...]:
    """Append, scores, softmax and context of all layers.

    New keys and values are appended to the cache first, where the cache is. Query heads that share a key-value
    head are rows of one product, so the cache is read once per pass.
    """
    span = attention_span(tokens, context, spec.sliding_window)
    rows = tokens * (spec.heads // spec.key_value_heads)
    instances = spec.layers * spec.key_value_heads
    macs = spec.layers * spec.query_width * span.pairs
    read = precision.kv_bytes(spec.layers * spec.key_value_width * span.entries)
    written = precision.kv_bytes(spec.layers * spec.key_value_width * tokens)
    scores = spec.layers * spec.heads * span.pairs
    queries = spec.layers * spec.query_width * tokens
    appended = spec.layers * spec.key_value_width * tokens
    return (
        Operator(
            name="layer.append",
            kind=OperatorKind.APPEND,
            rows=tokens,
            inputs=spec.head_dim,
            outputs=spec.head_dim,
            instances=instances,
            launches=spec.layers,
            kv_write_bytes=2 * written,
            input_bytes=precision.activation_bytes(2 * appended),
        ),
        Operator(
            name="layer.score",
            kind=OperatorKind.SCORE,
            rows=rows,
            inputs=spec.head_dim,
            outputs=span.longest,
            instances=instances,
            launches=spec.layers,
            macs=macs,
            kv_read_bytes=read,
            input_bytes=precision.activation_bytes(queries),
            output_bytes=precision.activation_bytes(scores),
            within_attention=True,
        ),
        Operator(
            name="layer.softmax",
            kind=OperatorKind.VECTOR,
            rows=tokens,
            inputs=span.longest,
            outputs=span.longest,
            instances=spec.layers * spec.heads,
            launches=spec.layers,
            input_bytes=precision.activation_bytes(scores),
            output_bytes=precision.activation_bytes(scores),
            vector_operations=vector_counts.SOFTMAX * scores,
            within_attention=True,
        ),
        Operator(
            name="layer.context",
            kind=OperatorKind.CONTEXT,
            rows=rows,
            inputs=span.longest,
            outputs=spec.head_dim,
            instances=instances,
            launches=spec.layers,
            macs=macs,
            kv_read_bytes=read,
            input_bytes=precision.activation_bytes(scores),
            output_bytes=precision.activation_bytes(queries),
            within_attention=True,
        ),
    )
