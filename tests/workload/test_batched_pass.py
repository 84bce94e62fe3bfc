"""Passes over several texts, over trees and through some of the layers."""

import pytest

from ahasd.workload.batched_pass import Layers, batched_pass
from ahasd.workload.guess_heads import GuessHeads
from ahasd.workload.operators import OperatorKind
from ahasd.workload.passes import forward_pass, weight_bytes
from ahasd.workload.precision import INT8
from ahasd.workload.zoo import load_model

MODELS = ["llama2-7b", "llama-3.2-1b", "opt-1.3b"]


def total(operators, figure: str) -> int:
    return sum(getattr(operator, figure) for operator in operators)


@pytest.mark.parametrize("model", MODELS)
def test_one_text_without_a_mask_is_the_plain_pass(model):
    spec = load_model(model)
    assert batched_pass(spec, 1, 5, 100, INT8).operators == forward_pass(spec, 5, 100, INT8).operators


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("texts", [2, 7])
def test_texts_share_weights_and_nothing_else(model, texts):
    spec = load_model(model)
    one, several = batched_pass(spec, 1, 3, 100, INT8), batched_pass(spec, texts, 3, 100, INT8)
    pairs = zip(one.operators, several.operators, strict=True)
    assert all(a.weight_bytes == b.weight_bytes for a, b in pairs if a.kind is not OperatorKind.GATHER)
    for figure in ("macs", "kv_read_bytes", "kv_write_bytes", "vector_operations"):
        assert total(several.operators, figure) == texts * total(one.operators, figure), figure
    assert total(several.operators, "launches") == total(one.operators, "launches")
    assert sum(flow.bytes for flow in several.flows) == texts * sum(flow.bytes for flow in one.flows)


def test_a_mask_hides_scores_that_are_computed():
    spec, nodes, context = load_model("llama2-7b"), 8, 100
    plain = batched_pass(spec, 1, nodes, context, INT8).operators
    masked = batched_pass(spec, 1, nodes, context, INT8, masked=True).operators
    hidden = (
        nodes * (nodes - 1) // 2
    )  # of the new tokens' pairs, in each head and layer, for scores and for values
    assert (
        total(masked, "macs") - total(plain, "macs") == 2 * hidden * spec.heads * spec.head_dim * spec.layers
    )
    assert total(masked, "input_bytes") - total(plain, "input_bytes") == nodes * nodes * spec.layers


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cut", [1, 7])
def test_the_first_layers_and_the_others_are_the_whole(model, cut):
    spec = load_model(model)
    whole = batched_pass(spec, 2, 4, 50, INT8, True)
    parts = [
        batched_pass(spec, 2, 4, 50, INT8, True, layers)
        for layers in (Layers(0, cut), Layers(cut, spec.layers))
    ]
    for figure in ("macs", "weight_bytes", "kv_read_bytes", "vector_operations", "launches"):
        assert sum(total(part.operators, figure) for part in parts) == total(whole.operators, figure), figure
    assert "embedding" in [operator.name for operator in parts[0].operators]
    assert "lm_head" in [operator.name for operator in parts[1].operators]
    assert "lm_head" not in [operator.name for operator in parts[0].operators]


@pytest.mark.parametrize("own", [True, False])
def test_heads_are_as_large_as_their_matrices(own):
    spec, heads = load_model("llama2-7b"), GuessHeads(5, 1, own)
    work = heads.operators(spec, 3, INT8).operators
    hidden, vocabulary = spec.hidden_size, spec.vocabulary_size
    matrices = 5 * hidden * hidden + (5 if own else 1) * hidden * vocabulary
    assert total(work, "macs") == 3 * 5 * (hidden * hidden + hidden * vocabulary)
    assert total(work, "weight_bytes") == matrices
    assert heads.weight_bytes(spec, INT8) == matrices - (0 if own else hidden * vocabulary)
    assert heads.weight_bytes(spec, INT8) < weight_bytes(spec, INT8)
    assert {operator.kind for operator in work} == {OperatorKind.MATMUL, OperatorKind.VECTOR}
