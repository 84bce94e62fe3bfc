"""Operators of a pass against closed forms, conservation laws and hand-worked examples."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.passes import forward_pass, kv_cache_bytes, layer_matrix_bytes, prefill, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

from .drawn import (
    biases,
    fine_parameters,
    matrix_elements,
    read_again,
    router_elements,
    specs,
    table_elements,
)

INT8 = Precision()
ATTENTION = (OperatorKind.SCORE, OperatorKind.CONTEXT)
steady = settings(deadline=None, derandomize=True)


def operators_of(
    spec: ModelSpec, tokens: int, context: int, precision: Precision, logits: int | None = None
) -> tuple[Operator, ...]:
    return forward_pass(spec, tokens, context, precision, logits).operators


def total(operators: tuple[Operator, ...], field: str, *kinds: OperatorKind) -> int:
    chosen = kinds or tuple(OperatorKind)
    return sum(int(getattr(operator, field)) for operator in operators if operator.kind in chosen)


def named(operators: tuple[Operator, ...], name: str) -> Operator:
    (operator,) = (operator for operator in operators if operator.name == name)
    return operator


def test_a_decode_step_of_llama2_7b_by_hand() -> None:
    spec = load_model("llama2-7b")
    step = operators_of(spec, tokens=1, context=127, precision=INT8)
    products = 32 * (4 * 4096**2 + 3 * 4096 * 11008) + 4096 * 32000
    assert total(step, "macs") == products + 2 * 32 * 4096 * 128
    assert total(step, "weight_bytes", OperatorKind.MATMUL) == products
    assert total(step, "kv_read_bytes") == kv_cache_bytes(spec, 128, INT8) == 2 * 32 * 4096 * 128
    assert total(step, "kv_write_bytes") == 2 * 32 * 4096
    assert total(step, "weight_bytes", OperatorKind.GATHER) == 4096
    head = named(step, "lm_head")
    assert (head.rows, head.inputs, head.outputs, head.instances) == (1, 4096, 32000, 1)
    query = named(step, "layer.query")
    assert (query.rows, query.inputs, query.outputs, query.instances, query.launches) == (
        1,
        4096,
        4096,
        32,
        32,
    )
    assert (query.input_bytes, query.output_bytes) == (32 * 4096, 32 * 4096)
    gate = named(step, "layer.activation")
    assert (gate.input_bytes, gate.output_bytes) == (2 * 32 * 11008, 32 * 11008)
    assert named(step, "layer.feed_forward_residual").input_bytes == 2 * 32 * 4096
    assert (
        named(operators_of(load_model("opt-1.3b"), 1, 0, INT8), "layer.activation").input_bytes == 24 * 8192
    )
    assert named(step, "layer.softmax").vector_operations == 5 * 32 * 32 * 128
    assert named(step, "layer.activation").vector_operations == 32 * 11008 * (4 + 1)


def test_operators_of_each_architecture_stand_in_order() -> None:
    llama = [operator.name for operator in operators_of(load_model("llama2-7b"), 1, 0, INT8)]
    assert llama == [
        "embedding",
        "layer.attention_norm",
        "layer.query",
        "layer.key",
        "layer.value",
        "layer.rotary",
        "layer.append",
        "layer.score",
        "layer.softmax",
        "layer.context",
        "layer.attention_output",
        "layer.attention_residual",
        "layer.feed_forward_norm",
        "layer.gate",
        "layer.up",
        "layer.activation",
        "layer.down",
        "layer.feed_forward_residual",
        "final_norm",
        "lm_head",
        "lm_head_softmax",
    ]
    palm = [operator.name for operator in operators_of(load_model("palm-like-30b"), 1, 0, INT8)]
    assert palm.count("layer.norm") == 1
    assert not {"layer.attention_norm", "layer.feed_forward_norm", "layer.gate"} & set(palm)
    opt = [operator.name for operator in operators_of(load_model("opt-1.3b"), 1, 0, INT8)]
    assert opt[:3] == ["embedding", "position_embedding", "position_add"]
    assert "layer.rotary" not in opt


def test_new_entries_are_appended_by_an_operator_of_their_own() -> None:
    step = operators_of(load_model("llama-3.1-8b"), 3, 100, INT8)
    append = named(step, "layer.append")
    # Eight key-value heads of 128 in 32 layers, keys and values of three tokens.
    assert append.kv_write_bytes == append.input_bytes == 2 * 3 * 32 * 8 * 128
    assert (append.rows, append.outputs, append.instances, append.launches) == (3, 128, 32 * 8, 32)
    assert all(operator.kv_write_bytes == 0 for operator in step if operator is not append)


def test_query_heads_that_share_a_cache_are_rows_of_one_product() -> None:
    grouped = named(operators_of(load_model("llama-3.1-8b"), 3, 100, INT8), "layer.score")
    assert (grouped.rows, grouped.inputs, grouped.outputs) == (3 * 4, 128, 103)
    assert (grouped.instances, grouped.launches) == (32 * 8, 32)
    assert grouped.kv_read_bytes == 32 * 8 * 128 * 103
    single = named(operators_of(load_model("palm-like-30b"), 3, 100, INT8), "layer.context")
    assert (single.rows, single.inputs, single.outputs) == (3 * 32, 103, 256)
    assert (single.instances, single.launches) == (40, 40)
    assert single.kv_read_bytes == 40 * 256 * 103
    # Multi-query attention cuts the cache, not the products.
    assert single.macs == 40 * 32 * 256 * (101 + 102 + 103)


@steady
@given(specs(), st.integers(1, 12), st.integers(0, 30))
def test_steps_one_by_one_do_the_products_of_one_pass(spec: ModelSpec, tokens: int, context: int) -> None:
    together = operators_of(spec, tokens, context, INT8)
    apart = [operators_of(spec, 1, context + index, INT8) for index in range(tokens)]
    for field in ("macs", "vector_operations", "kv_write_bytes"):
        assert total(together, field) == sum(total(step, field) for step in apart), field
    # Activations too: nothing but weights and cache is shared between tokens.
    for field in ("input_bytes", "output_bytes"):
        assert total(together, field) == sum(total(step, field) for step in apart), field


@steady
@given(specs(), st.integers(1, 12), st.integers(0, 30))
def test_products_follow_the_closed_form(spec: ModelSpec, tokens: int, context: int) -> None:
    operators = operators_of(spec, tokens, context, INT8)
    products = 0
    for group in spec.groups:
        window = group.sliding_window or context + tokens
        attended = sum(min(window, context + index + 1) for index in range(tokens))
        products += 2 * group.layers * spec.heads * (group.head_dim or spec.head_dim) * attended
    matrices = matrix_elements(spec) + spec.layers * router_elements(spec)
    assert total(operators, "macs", OperatorKind.MATMUL) == tokens * matrices
    assert total(operators, "macs", *ATTENTION) == products
    assert total(operators, "macs", OperatorKind.VECTOR, OperatorKind.GATHER, OperatorKind.APPEND) == 0
    assert total(operators, "vector_operations", OperatorKind.MATMUL, *ATTENTION) == 0
    for operator in operators:
        volume = operator.instances * operator.rows * operator.inputs * operator.outputs
        if operator.kind is OperatorKind.MATMUL:
            assert operator.macs == volume
        if operator.kind in ATTENTION:
            assert operator.macs <= volume
            assert operator.macs == volume or tokens > 1  # one token: no causal triangle


@steady
@given(specs(), st.integers(1, 12), st.integers(0, 30))
def test_weights_are_read_once_however_many_tokens(spec: ModelSpec, tokens: int, context: int) -> None:
    one, many = operators_of(spec, 1, context, INT8), operators_of(spec, tokens, context, INT8)
    kinds = (OperatorKind.MATMUL, OperatorKind.VECTOR)
    assert total(many, "weight_bytes", *kinds) == total(one, "weight_bytes", *kinds)
    gathered = total(many, "weight_bytes", OperatorKind.GATHER)
    assert gathered == tokens * total(one, "weight_bytes", OperatorKind.GATHER)
    # Everything resident is read, but for the rows of the tables that no token asks for.
    resident = weight_bytes(spec, INT8) - table_elements(spec)
    assert total(many, "weight_bytes", *kinds) == resident + read_again(spec)


@steady
@given(specs())
def test_matrices_at_8_bit_take_a_byte_and_biases_and_gains_two(spec: ModelSpec) -> None:
    step = operators_of(spec, 1, 0, INT8)
    products = matrix_elements(spec) + spec.layers * router_elements(spec)
    assert total(step, "weight_bytes", OperatorKind.MATMUL) == products + 2 * biases(spec)
    assert weight_bytes(spec, INT8) == spec.parameters + fine_parameters(spec)
    assert weight_bytes(spec, Precision(weight_bits=16)) == 2 * spec.parameters


@pytest.mark.parametrize("name", ["llama2-13b", "opt-6.7b", "qwen2.5-0.5b", "palm-like-8b"])
def test_widths_scale_weights_cache_and_activations_apart(name: str) -> None:
    spec = load_model(name)
    base = operators_of(spec, 4, 60, INT8)
    halves = operators_of(spec, 4, 60, Precision(4, 4, 4))
    doubles = operators_of(spec, 4, 60, Precision(16, 16, 16))
    for field in ("kv_read_bytes", "kv_write_bytes", "input_bytes", "output_bytes"):
        assert 4 * total(halves, field) == 2 * total(base, field) == total(doubles, field), field
    matrices = spec.parameters - fine_parameters(spec)
    for bits in (4, 8, 16):
        resident = weight_bytes(spec, Precision(weight_bits=bits))
        assert resident == matrices * bits // 8 + 2 * fine_parameters(spec)
    assert 2 * kv_cache_bytes(spec, 7, Precision(kv_bits=4)) == kv_cache_bytes(spec, 7, INT8)
    kv_only = operators_of(spec, 4, 60, Precision(kv_bits=4))
    for field in ("weight_bytes", "input_bytes", "output_bytes", "macs", "vector_operations"):
        assert total(kv_only, field) == total(base, field), field
    assert all(total(halves, field) == total(base, field) for field in ("macs", "vector_operations"))


def test_vector_work_and_look_ups_are_rows_of_a_width() -> None:
    step = operators_of(load_model("opt-1.3b"), 3, 100, INT8)
    for name in ("embedding", "position_embedding", "position_add", "layer.attention_norm", "final_norm"):
        operator = named(step, name)
        assert (operator.rows, operator.inputs, operator.outputs) == (3, 2048, 2048), name
        assert operator.instances == operator.launches == (24 if operator.within_layer else 1)
    inner, softmax = named(step, "layer.activation"), named(step, "layer.softmax")
    assert (inner.rows, inner.inputs, inner.outputs) == (3, 8192, 8192)
    assert (softmax.rows, softmax.inputs, softmax.outputs) == (3, 103, 103)
    assert (softmax.instances, softmax.launches) == (24 * 32, 24)


@pytest.mark.parametrize(
    ("model", "each"),
    [
        # An RMS norm squares, sums and scales; a rotation takes two products and a sum; SiLU four, and the gate one.
        (
            "llama2-7b",
            {
                "attention_norm": 3,
                "final_norm": 3,
                "rotary": 3,
                "softmax": 5,
                "activation": 4 + 1,
                "residual": 1,
            },
        ),
        # A layer norm has a mean and a bias too; ReLU is a maximum.
        ("opt-1.3b", {"attention_norm": 5, "softmax": 5, "activation": 1, "residual": 1}),
    ],
)
def test_vector_work_takes_so_many_operations_an_element(model: str, each: dict[str, int]) -> None:
    step = operators_of(load_model(model), 1, 100, INT8)
    found = {
        operator.name.removeprefix("layer."): operator.vector_operations
        / (operator.instances * operator.rows * operator.outputs)
        for operator in step
        if operator.kind is OperatorKind.VECTOR
    }
    for name, operations in each.items():
        assert {value for key, value in found.items() if name in key} == {operations}, name


def test_the_matrices_of_a_layer_leave_out_gains_and_biases() -> None:
    spec = load_model("opt-1.3b")
    assert spec.feed_forward_bias
    matrices = 4 * 2048**2 + 2 * 2048 * 8192
    assert layer_matrix_bytes(spec, INT8) == matrices
    assert layer_matrix_bytes(spec, Precision(4, 16, 16)) == matrices // 2


def test_a_tied_head_is_streamed_and_kept_once() -> None:
    spec = load_model("qwen2.5-0.5b")
    step = operators_of(spec, 1, 0, INT8)
    assert named(step, "lm_head").weight_bytes == 151936 * 896
    untied = spec.model_copy(update={"tied_embeddings": False})
    assert operators_of(untied, 1, 0, INT8) == step
    assert weight_bytes(untied, INT8) - weight_bytes(spec, INT8) == 151936 * 896


def test_prefill_computes_the_head_for_the_last_token_only() -> None:
    spec = load_model("llama2-7b")
    operators = prefill(spec, 128, INT8).operators
    assert named(operators, "lm_head").rows == 1
    assert named(operators, "layer.query").rows == 128
    body = [operator for operator in operators if operator.name.startswith("layer.")]
    full = operators_of(spec, 128, 0, INT8)
    assert body == [operator for operator in full if operator.name.startswith("layer.")]
    saved = 127 * 4096 * 32000
    assert total(full, "macs") - total(operators, "macs") == saved
    without_head = operators_of(spec, 128, 0, INT8, logits=0)
    assert without_head == tuple(
        operator for operator in full if operator.name not in {"final_norm", "lm_head", "lm_head_softmax"}
    )


def test_a_sliding_window_bounds_the_cache() -> None:
    spec = load_model("llama2-7b").model_copy(update={"sliding_window": 100})
    assert kv_cache_bytes(spec, 5000, INT8) == kv_cache_bytes(spec, 100, INT8)
    assert kv_cache_bytes(spec, 0, INT8) == 0
    far, near = operators_of(spec, 2, 5000, INT8), operators_of(spec, 2, 500, INT8)
    assert far == near


@pytest.mark.parametrize(
    ("tokens", "context", "logits"), [(0, 0, None), (-1, 5, None), (1, -1, None), (2, 0, 3), (2, 0, -1)]
)
def test_a_pass_of_impossible_counts_is_refused(tokens: int, context: int, logits: int | None) -> None:
    with pytest.raises(AhasdError, match="a pass needs"):
        forward_pass(load_model("tiny-draft"), tokens, context, INT8, logits)


def test_a_negative_cache_is_refused() -> None:
    with pytest.raises(AhasdError, match="at least 0 entries, not -1"):
        kv_cache_bytes(load_model("tiny-draft"), -1, INT8)


@pytest.mark.parametrize("field", ["weight_bits", "kv_bits", "activation_bits"])
@pytest.mark.parametrize("bits", [0, 5, 32, -8, True, 8.0])
def test_other_widths_are_refused(field: str, bits: float) -> None:
    with pytest.raises(AhasdError, match=f"{field} is {bits}; use one of 4, 8, 16"):
        Precision(**{field: bits})  # type: ignore[arg-type]
