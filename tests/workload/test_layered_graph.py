"""Passes of decoders as graphs: layer by layer, all layers as one, and what goes between operators."""

from collections import Counter
from dataclasses import fields
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.workload.blocks.per_layer_embedding import PER_LAYER
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.layered_graph import LayeredGraph, Section
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind
from ahasd.workload.zoo import load_model, zoo_names

from .drawn import fine_parameters, matrix_elements, specs, table_elements

INT8 = Precision()
steady = settings(deadline=None, derandomize=True, max_examples=60)
#: What adds up over layers.
COUNTS = [
    field.name for field in fields(Operator) if field.name.endswith(("bytes", "macs", "operations", "es"))
]


def without_number(name: str) -> str:
    """``layer.7.query`` as ``layer.query``."""
    return ".".join(part for part in name.split(".") if not part.isdigit())


def test_counts_are_those_that_add_up() -> None:
    assert set(COUNTS) == {
        "instances", "launches", "macs", "weight_bytes", "kv_read_bytes", "kv_write_bytes", "input_bytes",
        "output_bytes", "vector_operations",
    }  # fmt: skip


@steady
@given(specs(), st.integers(1, 6), st.integers(0, 30), st.sampled_from([4, 8, 16]))
def test_all_layers_as_one_do_the_work_of_every_layer(
    spec: ModelSpec, tokens: int, context: int, bits: int
) -> None:
    merged = forward_pass(spec, tokens, context, Precision(bits, bits, bits))
    apart: dict[str, list[Operator]] = {}
    for operator in merged.unrolled().operators:
        apart.setdefault(without_number(operator.name), []).append(operator)
    assert [operator.name for operator in merged.operators] == list(apart)
    layers = {group.name: group.layers for group in spec.groups}
    for operator in merged.operators:
        of_layers, section = apart[operator.name], operator.name.split(".")[0]
        assert len(of_layers) == layers.get(section, 1)
        assert operator.within_layer == (section in layers)
        for name in COUNTS:
            assert getattr(operator, name) == sum(getattr(each, name) for each in of_layers), name
        for name in ("kind", "rows", "inputs", "outputs", "within_attention"):
            assert {getattr(operator, name)} == {getattr(each, name) for each in of_layers}, name


@steady
@given(specs(), st.integers(1, 6), st.integers(0, 30), st.sampled_from([None, 0, 1]))
def test_flows_are_those_of_all_layers(
    spec: ModelSpec, tokens: int, context: int, logits: int | None
) -> None:
    merged = forward_pass(spec, tokens, context, INT8, logits)
    apart: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for flow in merged.unrolled().flows:
        consumers = tuple(without_number(name) for name in flow.consumers)
        apart[without_number(flow.producer), consumers] += flow.bytes
    # What is made for all layers is one flow apart, and one to each kind of layers together.
    shares = [flow for flow in merged.flows if flow.producer == PER_LAYER]
    whole = [flow for flow in apart if flow[0] == PER_LAYER]
    assert sum(flow.bytes for flow in shares) == sum(apart.pop(flow) for flow in whole)
    assert len(shares) == (len(spec.groups) if spec.per_layer_width else 0)
    found = [flow for flow in merged.flows if flow.producer != PER_LAYER]
    assert {(flow.producer, flow.consumers): flow.bytes for flow in found} == apart
    assert len(found) == len(apart)


@steady
@given(specs(), st.integers(1, 6), st.integers(0, 30))
def test_every_value_is_written_once_read_and_as_large_as_its_shape(
    spec: ModelSpec, tokens: int, context: int
) -> None:
    graph = forward_pass(spec, tokens, context, Precision(4, 8, 16)).unrolled()
    written = Counter(name for node in graph.nodes for name in node.outputs)
    read = {name for node in graph.nodes for name in node.inputs}
    for name, value in graph.values.items():
        assert written[name] == (value.kind in (ValueKind.ACTIVATION, ValueKind.OUTPUT))
        assert name in read or value.kind is ValueKind.OUTPUT, name
        assert value.bytes == -(-prod(value.shape) * value.element_type.bits // 8)
        assert value.name == name
    caches = {name: value for name, value in graph.values.items() if name.endswith("_cache")}
    assert len(caches) == 2 * spec.layers
    assert {(cache.kind, cache.element_type) for cache in caches.values()} == {(ValueKind.INPUT, "int8")}
    appended = {name: value.alias_of for name, value in graph.values.items() if name.endswith(".appended")}
    own = [group for group in spec.groups if not group.shares_cache]
    assert len(appended) == 2 * sum(group.layers for group in own)
    assert all(cache in caches and name == f"{cache}.appended" for name, cache in appended.items())
    outputs = {name for name, value in graph.values.items() if value.kind is ValueKind.OUTPUT}
    assert {"lm_head_softmax"} <= outputs <= {"lm_head_softmax", *appended}


@steady
@given(specs(), st.integers(1, 6), st.integers(0, 30), st.sampled_from([4, 8, 16]))
def test_operators_move_the_bytes_of_their_values(
    spec: ModelSpec, tokens: int, context: int, bits: int
) -> None:
    graph = forward_pass(spec, tokens, context, Precision(bits, bits, bits)).unrolled()
    for node in graph.nodes:
        operator, read = node.operator, [graph.values[name] for name in node.inputs]
        assert operator is not None
        assert (operator.name, operator.kind) == (node.name, node.op)
        made = sum(graph.values[name].bytes for name in node.outputs)
        weights = sum(value.bytes for value in read if value.kind is ValueKind.CONSTANT)
        taken = sum(
            # Every layer takes its own share of what was made for all.
            -(-value.bytes // spec.layers) if value.name == PER_LAYER else value.bytes
            for value in read
            if value.kind is not ValueKind.CONSTANT
        )
        if operator.kind in (OperatorKind.MATMUL, OperatorKind.VECTOR):
            moved = (operator.weight_bytes, operator.input_bytes, operator.output_bytes)
            assert moved == (weights, taken, made)
        elif operator.kind is OperatorKind.GATHER:
            assert operator.weight_bytes <= weights or tokens > 1
            assert (operator.input_bytes, operator.output_bytes) == (0, made)
        elif operator.kind.is_attention:
            assert operator.output_bytes == made
            assert operator.kv_read_bytes == next(v.bytes for v in read if "_cache" in v.name)
        else:
            assert operator.kv_write_bytes <= made


@steady
@given(specs())
def test_the_weights_of_a_graph_are_the_parameters_of_its_shapes(spec: ModelSpec) -> None:
    tied = spec.vocabulary_size * spec.embedding_width if spec.tied_embeddings else 0
    unrolled = forward_pass(spec, 1, 0, INT8).unrolled()
    weights = [value for value in unrolled.values.values() if value.kind is ValueKind.CONSTANT]
    elements = matrix_elements(spec) + table_elements(spec) + fine_parameters(spec)
    assert sum(value.elements for value in weights) == spec.parameters == elements
    assert sum(value.bytes for value in weights) == weight_bytes(spec, INT8)
    assert tied == 0 or sum(value.elements == tied for value in weights) >= 1


@pytest.mark.parametrize("model", zoo_names())
@pytest.mark.parametrize("logits", [0, 3])
def test_every_operator_reads_what_another_writes(model: str, logits: int) -> None:
    spec = load_model(model)
    graph = forward_pass(spec, 3, 70, INT8, logits=logits)
    names = [operator.name for operator in graph.operators]
    read = {name for flow in graph.flows for name in flow.consumers}
    assert read | {"embedding", "position_embedding"} >= set(names)
    assert read <= set(names)
    # The cache is no flow, and what comes last is read by nobody (nor is the end of a single layer without a head).
    unread = {"layer.append"} | ({"lm_head_softmax"} if logits else set())
    if not logits and spec.layers == 1:
        unread.add("layer.feed_forward_residual")
    assert set(names) - {flow.producer for flow in graph.flows} == unread
    for flow in graph.flows:
        assert flow.consumers == tuple(dict.fromkeys(flow.consumers))
    made: Counter[str] = Counter()
    for flow in graph.flows:
        made[flow.producer] += flow.bytes
    if not logits:
        made["layer.feed_forward_residual"] += 3 * spec.hidden_size  # out of the last layer, to nobody
    written = {operator.name: operator.output_bytes for operator in graph.operators}
    assert all(written[name] == count for name, count in made.items())


def test_the_flows_of_a_gated_model_with_rotary_positions() -> None:
    graph = forward_pass(load_model("llama2-7b"), 1, 10, INT8)
    assert {(flow.producer, flow.consumers) for flow in graph.flows} == {
        ("embedding", ("layer.attention_norm", "layer.attention_residual")),
        ("layer.attention_norm", ("layer.query", "layer.key", "layer.value")),
        ("layer.query", ("layer.rotary",)),
        ("layer.key", ("layer.rotary",)),
        ("layer.rotary", ("layer.append", "layer.score")),
        ("layer.value", ("layer.append",)),
        ("layer.score", ("layer.softmax",)),
        ("layer.softmax", ("layer.context",)),
        ("layer.context", ("layer.attention_output",)),
        ("layer.attention_output", ("layer.attention_residual",)),
        ("layer.attention_residual", ("layer.feed_forward_norm", "layer.feed_forward_residual")),
        ("layer.feed_forward_norm", ("layer.gate", "layer.up")),
        ("layer.gate", ("layer.activation",)),
        ("layer.up", ("layer.activation",)),
        ("layer.activation", ("layer.down",)),
        ("layer.down", ("layer.feed_forward_residual",)),
        ("layer.feed_forward_residual", ("layer.attention_norm", "layer.attention_residual")),
        ("layer.feed_forward_residual", ("final_norm",)),
        ("final_norm", ("lm_head",)),
        ("lm_head", ("lm_head_softmax",)),
    }
    assert len(graph.flows) == 20
    again, leaving = (f.bytes for f in graph.flows if f.producer == "layer.feed_forward_residual")
    assert (again, leaving) == (31 * 4096, 4096)


def doubling(name: str, entry: str = "x", layers: int = 1, section: str = "") -> Section:
    """Layers of one product on four channels."""
    graph = GraphBuilder(INT8)
    made = graph.linear(LinearLayer(name, 4, 4), graph.input(entry, (1, 4)))
    return Section((graph.graph(made),), entry, made, section, layers)


def test_sections_are_told_apart_by_their_names() -> None:
    with pytest.raises(AhasdError, match="layers need a name"):
        LayeredGraph((doubling("product", layers=2),))
    with pytest.raises(AhasdError, match="name its sections apart"):
        LayeredGraph((doubling("product", section="a"), doubling("product", section="a")))
    two = LayeredGraph(
        (doubling("product", layers=2, section="a"), doubling("product", layers=3, section="b"))
    )
    assert [node.name for node in two.unrolled().nodes] == [
        "a.0.product", "a.1.product", "b.0.product", "b.1.product", "b.2.product",
    ]  # fmt: skip
    assert two.parameters == two.weight_bytes == 5 * 16
    links = [(flow.producer, flow.consumers, flow.bytes) for flow in two.flows]
    assert links == [
        ("a.product", ("a.product",), 4),
        ("a.product", ("b.product",), 4),
        ("b.product", ("b.product",), 8),
    ]


def test_layers_that_all_read_the_same_pass_it_on() -> None:
    """As keys and values of every layer of a decoder are made of one output of an encoder."""
    given, taking = doubling("encode"), doubling("take", layers=3, section="layer")
    side = Section(taking.graphs, taking.entry, None, "layer", 3)
    graph = LayeredGraph((given, side, doubling("end")))
    links = {(flow.producer, flow.consumers): flow.bytes for flow in graph.flows}
    assert links == {("encode", ("layer.take",)): 4, ("encode", ("end",)): 4}
    unrolled = graph.unrolled()
    assert [node.inputs[0] for node in unrolled.nodes] == ["x", *["encode"] * 4]
    kinds = {name: value.kind for name, value in unrolled.values.items()}
    assert kinds["layer.1.take"] is kinds["end"] is ValueKind.OUTPUT
    alone = LayeredGraph((side,)).unrolled()
    assert [node.inputs[0] for node in alone.nodes] == ["x"] * 3
