"""The values of a pass against the operators that make and take them."""

import pytest

from ahasd.workload.dataflow import values
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model, zoo_names


@pytest.mark.parametrize("model", zoo_names())
@pytest.mark.parametrize("logits", [0, 3])
def test_every_operator_reads_what_another_writes(model, logits):
    operators = forward_pass(load_model(model), 3, 70, Precision(), logits=logits)
    found = values(operators)
    names = [operator.name for operator in operators]
    read = {name for value in found for name in value.consumers}
    assert read | {"embedding", "position_embedding"} >= set(names)
    assert read <= set(names)
    written = {value.producer for value in found}
    # The cache is no value, and what comes last is read by nobody (nor is the end of a single layer without a head).
    unread = {"layer.append"} | ({"lm_head_softmax"} if logits else set())
    if not logits and load_model(model).layers == 1:
        unread.add("layer.feed_forward_residual")
    assert set(names) - written == unread
    for value in found:
        assert value.consumers == tuple(dict.fromkeys(value.consumers))


@pytest.mark.parametrize("model", zoo_names())
def test_values_have_the_bytes_of_what_was_written(model):
    operators = forward_pass(load_model(model), 3, 70, Precision())
    totals: dict[str, int] = {}
    for value in values(operators):
        totals[value.producer] = totals.get(value.producer, 0) + value.bytes
    for operator in operators:
        if operator.name in totals:
            assert totals[operator.name] == operator.output_bytes


@pytest.mark.parametrize("model", zoo_names())
def test_products_read_as_many_bytes_as_they_say(model):
    """Each product with weights reads one value, whose bytes are its input."""
    operators = forward_pass(load_model(model), 3, 70, Precision())
    for operator in operators:
        if operator.kind is OperatorKind.MATMUL and operator.name.startswith("layer."):
            sources = [value for value in values(operators) if operator.name in value.consumers]
            assert [value.bytes for value in sources] == [operator.input_bytes]


def test_the_values_of_a_gated_model_with_rotary_positions():
    operators = forward_pass(load_model("llama2-7b"), 1, 10, Precision())
    links = [(value.producer, value.consumers) for value in values(operators)]
    assert set(links) == {
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
