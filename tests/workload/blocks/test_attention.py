"""Attention of every kind against counting key by key."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.attention_span import (
    AttentionSpan,
    causal_span,
    chunked_span,
    full_span,
)
from ahasd.workload.blocks.key_value_cache import KeysValues
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

INT8 = Precision()
PRECISION = Precision(weight_bits=4, kv_bits=8, activation_bits=16)
steady = settings(deadline=None, derandomize=True)


def attention(key_value_heads: int, sharing: int, head_dim: int) -> Attention:
    return Attention(24, key_value_heads * sharing, key_value_heads, head_dim)


def attending(block: Attention, tokens: int, span: AttentionSpan, cached: bool) -> Graph:
    graph = GraphBuilder(PRECISION)
    queries = graph.input("queries", (tokens, block.query_width))
    if cached:
        to = block.cache(graph, span.entries)
    else:
        shape = (span.entries, block.key_value_width)
        to = KeysValues(graph.input("keys", shape), graph.input("values", shape))
    return graph.graph(block.attend(graph, queries, to, span, cached))


def by_kind(graph: Graph) -> dict[OperatorKind, Operator]:
    return {operator.kind: operator for operator in graph.operators}


def counted(block: Attention, mask: list[set[int]]) -> tuple[int, int, int]:
    """Multiplications of scores, scores, and elements of all keys that are read, one by one."""
    multiplications = scores = 0
    read = set()
    for head in range(block.heads):
        for keys in mask:
            for key in keys:
                scores += 1
                for channel in range(block.head_dim):
                    multiplications += 1
                    read.add((head // (block.heads // block.key_value_heads), key, channel))
    return multiplications, scores, len(read)


@steady
@given(st.integers(1, 12), st.integers(0, 30), st.none() | st.integers(1, 20))
def test_the_span_counts_a_causal_mask(tokens: int, context: int, window: int | None) -> None:
    span = causal_span(tokens, context, window)
    mask = causal_mask(tokens, context, window)
    assert span.pairs == sum(len(keys) for keys in mask)
    assert span.entries == len(set().union(*mask))
    assert span.longest == len(mask[-1])


def causal_mask(tokens: int, context: int, window: int | None) -> list[set[int]]:
    return [
        {key for key in range(context + tokens) if key <= query and (window is None or query - key < window)}
        for query in range(context, context + tokens)
    ]


shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))


@steady
@given(shapes, st.integers(1, 5), st.integers(0, 8), st.none() | st.integers(1, 6))
def test_causal_attention_multiplies_what_its_mask_lets_through(
    shape: tuple[int, int, int], tokens: int, context: int, window: int | None
) -> None:
    block = attention(*shape)
    span = causal_span(tokens, context, window)
    operators = by_kind(attending(block, tokens, span, cached=True))
    macs, scores, read = counted(block, causal_mask(tokens, context, window))
    score, context_ = operators[OperatorKind.SCORE], operators[OperatorKind.CONTEXT]
    assert (score.macs, context_.macs) == (macs, macs)
    assert score.kv_read_bytes == context_.kv_read_bytes == read  # INT8
    assert score.output_bytes == context_.input_bytes == 2 * scores
    assert score.input_bytes == context_.output_bytes == 2 * tokens * block.query_width
    softmax = operators[OperatorKind.VECTOR]
    assert softmax.vector_operations == 5 * scores
    assert softmax.input_bytes == softmax.output_bytes == 2 * scores
    assert all(operator.within_attention for operator in operators.values())


@steady
@given(shapes, st.integers(1, 6), st.integers(1, 6))
def test_attention_of_all_to_all_reads_activations(
    shape: tuple[int, int, int], tokens: int, entries: int
) -> None:
    block = attention(*shape)
    operators = by_kind(attending(block, tokens, full_span(tokens, entries), cached=False))
    macs, scores, read = counted(block, [set(range(entries))] * tokens)
    score, context = operators[OperatorKind.SCORE], operators[OperatorKind.CONTEXT]
    assert (score.macs, context.macs) == (macs, macs)
    # No mask: every product is dense.
    for operator in (score, context):
        assert operator.macs == operator.instances * operator.rows * operator.inputs * operator.outputs
        assert not operator.on_cache
        assert operator.kv_read_bytes == 0
    assert score.input_bytes == 2 * (tokens * block.query_width + read)
    assert context.input_bytes == 2 * (scores + read)
    assert score.output_bytes == 2 * scores


def test_a_cache_in_memory_is_read_but_does_not_grow() -> None:
    """Attention to an encoder: six entries of two heads of four channels, kept in INT8."""
    block = attention(2, 3, 4)
    graph = attending(block, 1, full_span(1, 6), cached=True)
    operators = by_kind(graph)
    assert operators[OperatorKind.SCORE].kv_read_bytes == 2 * 6 * 4
    assert operators[OperatorKind.SCORE].on_cache
    assert OperatorKind.APPEND not in operators
    assert graph.values["key_cache"].bytes == graph.values["value_cache"].bytes == 2 * 6 * 4
    assert graph.flows[-1].consumers == ("context",)


def test_new_entries_are_written_into_the_cache_where_it_is() -> None:
    block, graph = attention(2, 1, 4), GraphBuilder(PRECISION)
    new = KeysValues(graph.input("k", (3, 8)), graph.input("v", (3, 8)))
    kept = block.append(graph, new, 10)
    built = graph.graph(kept.keys, kept.values)
    (append,) = built.operators
    assert (append.kv_write_bytes, append.input_bytes, append.output_bytes) == (2 * 3 * 8, 2 * 2 * 3 * 8, 0)
    assert (append.rows, append.outputs, append.instances, append.launches) == (3, 4, 2, 1)
    assert append.on_cache
    assert built.values[kept.keys].alias_of == "key_cache"
    assert built.values[kept.keys].bytes == built.values["key_cache"].bytes == 2 * 10 * 4


def test_a_name_tells_two_attentions_of_a_layer_apart() -> None:
    block, graph = Attention(24, 4, 4, 6, query_bias=True, name="cross_"), GraphBuilder(PRECISION)
    x = graph.input("x", (2, 24))
    attended = block.attend(graph, block.queries(graph, x), block.cache(graph, 5), full_span(2, 5), True)
    built = graph.graph(block.output(graph, attended))
    names = [node.name for node in built.nodes]
    assert names == [f"cross_{n}" for n in ("query", "score", "softmax", "context", "attention_output")]
    assert built.values["cross_query.bias"].bytes == 2 * 24
    assert "cross_attention_output.bias" not in built.values


@steady
@given(st.integers(1, 40), st.integers(0, 60), st.integers(1, 20))
def test_chunks_do_not_attend_to_each_other(tokens: int, context: int, chunk: int) -> None:
    attended = [position % chunk + 1 for position in range(context, context + tokens)]
    span = chunked_span(tokens, context, chunk)
    assert span.pairs == sum(attended)
    assert span.longest == max(min(chunk, context + tokens - context // chunk * chunk), max(attended))
    assert span.entries == context + tokens - context // chunk * chunk
    # One chunk for all is the causal mask.
    assert chunked_span(tokens, context, context + tokens) == causal_span(tokens, context)


def test_a_chunk_is_all_that_is_kept_and_read() -> None:
    chunked, plain = Attention(32, 4, 2, 8, chunk=16), Attention(32, 4, 2, 8)
    assert chunked.kept_bytes(100, INT8) == plain.kept_bytes(16, INT8)
    graph = GraphBuilder(INT8)
    mixed = chunked.mix(graph, chunked.project(graph, graph.input("x", (1, 32))), 100)
    score = next(o for o in graph.graph(*mixed.kept, mixed.result).operators if o.name == "score")
    # The token at 100 is the fifth of its chunk.
    assert (score.macs, score.kv_read_bytes) == (4 * 8 * 5, 2 * 8 * 5)


def test_sinks_are_a_parameter_for_each_head_and_gates_a_matrix() -> None:
    def constants(attention: Attention) -> tuple[int, list[str]]:
        graph = GraphBuilder(INT8)
        mixed = attention.mix(graph, attention.project(graph, graph.input("x", (2, 32))), 5)
        assert (mixed.result, graph.shape(mixed.result)) == attention.mixed_shape(2)
        made = graph.graph(*mixed.kept, attention.output(graph, mixed.result))
        names = [operator.name for operator in made.operators]
        return sum(value.elements for value in made.values.values() if value.kind == "constant"), names

    plain, names = constants(Attention(32, 4, 2, 8))
    assert constants(Attention(32, 4, 2, 8, sinks=True)) == (plain + 4, names)
    gated, more = constants(Attention(32, 4, 2, 8, gated=True))
    assert gated == plain + 32 * 32
    assert set(more) - set(names) == {"attention_gate", "gated_context"}
