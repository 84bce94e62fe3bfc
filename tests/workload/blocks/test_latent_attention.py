"""Latent attention against closed forms: what is kept, and that both ways of computing do the same at other costs."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.workload.blocks.indexed_attention import IndexedAttention
from ahasd.workload.blocks.latent_attention import LatentAttention
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

INT8 = Precision()
#: DeepSeek-V3's: 128 heads of 128 + 64 channels, 512 + 64 kept.
V3 = LatentAttention(7168, 128, 512, 64, 128, 128, 1536)
steady = settings(deadline=None, derandomize=True)


def built(attention: LatentAttention, tokens: int, context: int, precision: Precision = INT8) -> Graph:
    graph = GraphBuilder(precision)
    projected = attention.project(graph, graph.input("x", (tokens, attention.hidden_size)))
    mixed = attention.mix(graph, projected, context)
    assert (mixed.result, graph.shape(mixed.result)) == attention.mixed_shape(tokens)
    return graph.graph(*mixed.kept, attention.output(graph, mixed.result))


def named(graph: Graph) -> dict[str, Operator]:
    return {operator.name: operator for operator in graph.operators}


def test_a_decode_step_of_deepseek_v3_by_hand() -> None:
    found = named(built(V3, 1, 999))
    assert list(found) == [
        "query_down", "query_norm", "query", "rotary", "latent", "latent_norm", "key_absorbed", "append", "score",
        "softmax", "context", "value_absorbed", "attention_output",
    ]  # fmt: skip
    assert found["key_absorbed"].macs == found["value_absorbed"].macs == 128 * 128 * 512
    assert found["score"].macs == 128 * (512 + 64) * 1000
    assert found["context"].macs == 128 * 512 * 1000
    assert (found["score"].rows, found["score"].inputs, found["score"].outputs) == (128, 576, 1000)
    # All heads read the same 576 channels; values are the first 512 of them, which fused attention has at hand.
    assert found["score"].kv_read_bytes == 576 * 1000
    assert (found["context"].kv_read_bytes, found["context"].reads_again) == (512 * 1000, True)
    assert found["append"].kv_write_bytes == 576
    assert V3.kept_bytes(1000, Precision(16, 16, 16)) == 2 * 576 * 1000


def test_a_prompt_of_deepseek_v3_by_hand() -> None:
    found = named(built(V3, 1000, 0))
    pairs = 1000 * 1001 // 2
    assert found["key_value_expanded"].macs == 1000 * 512 * 128 * (128 + 128)
    assert found["score"].macs == 128 * (128 + 64) * pairs
    assert found["context"].macs == 128 * 128 * pairs
    assert "key_absorbed" not in found
    assert not found["context"].reads_again


@pytest.mark.parametrize(("tokens", "absorbed"), [(1, True), (170, True), (171, False)])
def test_the_way_is_that_with_fewer_products_at_a_long_context(tokens: int, absorbed: bool) -> None:
    """512 x 256 / (1024 - 256) is 170.7 tokens."""
    assert V3.absorbs(tokens) == absorbed

    def macs(is_absorbed: bool, context: int) -> int:
        """Of either way, by the formulas of both."""
        pairs = sum(range(context + 1, context + tokens + 1))
        if is_absorbed:
            return 128 * (tokens * 512 * 256 + pairs * (576 + 512))
        return 128 * ((context + tokens) * 512 * 256 + pairs * (192 + 128))

    context = 10_000_000
    assert (macs(True, context) < macs(False, context)) == absorbed
    inside = {"key_absorbed", "value_absorbed", "key_value_expanded", "score", "context"}
    short = built(V3, tokens, 1000)
    assert sum(operator.macs for name, operator in named(short).items() if name in inside) == macs(
        absorbed, 1000
    )


shapes = st.builds(
    LatentAttention,
    st.integers(8, 40),
    st.integers(1, 4),
    st.integers(4, 24),
    st.integers(1, 4).map(lambda half: 2 * half),
    st.integers(2, 12),
    st.integers(2, 12),
    st.none() | st.integers(2, 10),
    st.booleans(),
)


@steady
@given(shapes, st.integers(1, 40), st.integers(0, 50), st.sampled_from([4, 8, 16]))
def test_both_ways_have_the_same_parameters_and_keep_the_same(
    attention: LatentAttention, tokens: int, context: int, bits: int
) -> None:
    precision = Precision(bits, bits, bits)
    graphs = [built(attention, width, context, precision) for width in (1, tokens)]
    counts = {
        sum(value.elements for value in graph.values.values() if value.kind == "constant") for graph in graphs
    }
    assert len(counts) == 1
    graph, entries = graphs[1], context + tokens
    kept = graph.values["latent_cache.appended"]
    assert kept.bytes == attention.kept_bytes(entries, precision)
    assert named(graph)["append"].kv_write_bytes == precision.kv_bytes(tokens * attention.kept_width)
    for operator in graph.operators:
        if operator.kind.is_product:
            assert (
                operator.rows * operator.inputs * operator.outputs * operator.instances >= operator.macs > 0
            )
    # Attention to the past costs what its entries do, whichever way.
    longer = built(attention, tokens, context + 7, precision)
    score, later = named(graph)["score"], named(longer)["score"]
    assert later.macs - score.macs == 7 * tokens * score.macs // (sum(range(context + 1, entries + 1)))


def test_products_of_every_head_are_launched_once() -> None:
    found = named(built(V3, 3, 10))
    for name in ("key_absorbed", "value_absorbed"):
        operator = found[name]
        assert (operator.kind, operator.instances, operator.launches) == (OperatorKind.MATMUL, 128, 1)
        assert operator.weight_bytes == 128 * 128 * 512


INDEXED = IndexedAttention(replace(V3, always_absorbed=True), 64, 128, 2048)


@pytest.mark.parametrize(("tokens", "context"), [(1, 99), (1, 9999), (3, 2046), (400, 3000)])
def test_an_index_scores_all_entries_and_attention_those_that_it_picks(tokens: int, context: int) -> None:
    graph = GraphBuilder(INT8)
    projected = INDEXED.project(graph, graph.input("x", (tokens, 7168)))
    mixed = INDEXED.mix(graph, projected, context)
    found = named(graph.graph(*mixed.kept, INDEXED.output(graph, mixed.result)))
    seen = [context + token + 1 for token in range(tokens)]
    assert found["index_score"].macs == 64 * 128 * sum(seen)
    assert found["index_score"].kv_read_bytes == 128 * (context + tokens)
    # DeepSeek-V3's products with as many entries as are picked, absorbed whatever the width.
    pairs = sum(min(2048, entries) for entries in seen)
    assert found["score"].macs == 128 * 576 * pairs
    assert found["context"].macs == 128 * 512 * pairs
    assert found["score"].kv_read_bytes == 576 * min(context + tokens, 2048 * tokens)
    assert "key_absorbed" in found
    assert INDEXED.kept_bytes(1000, INT8) == 1000 * (576 + 128)
