"""Mixtures of experts against closed forms, published counts and transformers."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.decoder import Decoder, Stack
from ahasd.workload.blocks.embedding import Embedding, Head
from ahasd.workload.blocks.experts import Experts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import Norm
from ahasd.workload.blocks.transformer_layer import TransformerLayer
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision

INT8 = Precision()
MIXTRAL = Experts(FeedForward(4096, 14336, "silu", gated=True), 8, 2)
steady = settings(deadline=None, derandomize=True)


def built(experts: Experts, tokens: int, distinct: int, precision: Precision = INT8) -> Graph:
    graph = GraphBuilder(precision)
    x = graph.input("x", (tokens, experts.expert.hidden_size))
    return graph.graph(experts.routed(distinct).build(graph, x))


def products(graph: Graph) -> dict[str, Operator]:
    return {o.name: o for o in graph.operators if o.kind is OperatorKind.MATMUL}


def mixture(experts: Experts, hidden: int, layers: int, vocabulary: int, attention: Attention) -> Decoder:
    """A decoder whose layers all have experts, with as few at work as one token takes."""
    norm = Norm(hidden, "rms")
    layer = TransformerLayer(attention, experts.routed(experts.chosen), norm)
    return Decoder(
        Embedding(vocabulary, hidden, hidden),
        (Stack(layer, layers),),
        Head(vocabulary, hidden, hidden, norm),
    )


def test_a_token_of_mixtral_by_hand() -> None:
    graph = built(MIXTRAL, 1, 2)
    matrix = 4096 * 14336
    assert [operator.name for operator in graph.operators] == [
        "router", "routing", "expert_gate", "expert_up", "expert_activation", "expert_down", "expert_sum",
    ]  # fmt: skip
    for name in ("expert_gate", "expert_up", "expert_down"):
        operator = products(graph)[name]
        assert (operator.macs, operator.weight_bytes) == (2 * matrix, 2 * matrix)
        assert (operator.rows, operator.instances, operator.launches) == (1, 2, 1)
    assert products(graph)["router"].weight_bytes == 8 * 4096
    up, down = products(graph)["expert_up"], products(graph)["expert_down"]
    assert (up.input_bytes, up.output_bytes) == (2 * 4096, 2 * 14336)
    assert (down.input_bytes, down.output_bytes) == (2 * 14336, 2 * 4096)
    # A softmax over eight scores, and a maximum over them for each of the two that are chosen.
    assert graph.operators[1].vector_operations == 8 * (5 + 2)
    assert graph.values["routing"].shape == (1, 2)
    summed = graph.operators[-1]
    assert (summed.vector_operations, summed.output_bytes) == (2 * 2 * 4096, 4096)
    assert summed.input_bytes == 2 * 4096 + 2
    # All eight experts are resident, whatever is read.
    assert graph.values["expert_up.weight"].bytes == 8 * matrix


@pytest.mark.parametrize(("bits", "share"), [(4, 0.5), (8, 1), (16, 2)])
def test_the_bytes_of_an_expert(bits: int, share: float) -> None:
    assert MIXTRAL.expert_bytes(Precision(bits)) == share * 3 * 4096 * 14336
    biased = replace(MIXTRAL, expert=replace(MIXTRAL.expert, bias=True))
    assert biased.expert_bytes(Precision(bits)) - MIXTRAL.expert_bytes(Precision(bits)) == 2 * (
        2 * 14336 + 4096
    )


def test_mixtral_has_its_published_parameters() -> None:
    """46.7 B, of which a token uses 12.9 B (mistral.ai, Mixtral of experts, 2023-12-11)."""
    model = mixture(MIXTRAL, 4096, 32, 32000, Attention(4096, 32, 8, 128, rotary=True))
    graph = model.forward_pass(1, 100, INT8)
    assert graph.parameters == pytest.approx(46.7e9, rel=0.01)
    active = graph.parameters - 32 * MIXTRAL.inactive_parameters
    assert active == pytest.approx(12.9e9, rel=0.01)
    # A token reads what is active, but for the embedding, of which it reads a row; norm gains have two bytes.
    read = sum(operator.weight_bytes for operator in graph.operators)
    assert read == active - 32000 * 4096 + 4096 + 65 * 4096


@steady
@given(st.integers(1, 6), st.integers(1, 8), st.integers(1, 8), st.booleans(), st.booleans(), st.data())
def test_many_tokens_read_each_expert_at_work_once(
    tokens: int, count: int, chosen: int, gated: bool, bias: bool, data: st.DataObject
) -> None:
    chosen = min(chosen, count)
    experts = Experts(FeedForward(12, 20, "silu", gated, bias), count, chosen)
    distinct = data.draw(st.integers(chosen, min(count, tokens * chosen)))
    graph = built(experts, tokens, distinct)
    inner = {name: operator for name, operator in products(graph).items() if name != "router"}
    matrices = 3 if gated else 2
    assert sum(operator.macs for operator in inner.values()) == tokens * chosen * matrices * 12 * 20
    assert sum(operator.weight_bytes for operator in inner.values()) == distinct * experts.expert_bytes(INT8)
    for operator in inner.values():
        room = operator.rows * operator.instances
        assert tokens * chosen <= room < tokens * chosen + distinct
    # Each token through its own experts does the same products and vector work.
    alone = built(experts, 1, chosen)
    for field in ("macs", "vector_operations", "output_bytes"):
        both = (sum(getattr(o, field) for o in g.operators) for g in (graph, alone))
        assert next(both) == tokens * next(both), field


def test_a_shared_expert_serves_every_token() -> None:
    shared = FeedForward(12, 40, "silu", gated=True)
    plain = Experts(FeedForward(12, 20, "silu", gated=True), 8, 2)
    with_shared = replace(plain, shared=shared)
    weighted = replace(with_shared, shared_weighted=True)
    alone = products(built(plain, 3, 4))
    both = products(built(with_shared, 3, 4))
    assert {name: both[name] for name in alone} == alone
    assert set(both) - set(alone) == {"shared_gate", "shared_up", "shared_down"}
    assert both["shared_up"].macs == 3 * 12 * 40
    assert both["shared_up"].instances == 1
    extra = set(products(built(weighted, 3, 4))) - set(both)
    assert extra == {"shared_weight"}
    vectors = {o.name: o.vector_operations for o in built(weighted, 3, 4).operators}
    assert (vectors["shared_weighted"], vectors["shared_sum"]) == (3 * (3 + 12), 3 * 12)
    assert weighted.inactive_parameters == plain.inactive_parameters == 6 * 3 * 12 * 20


MOE: dict[str, dict[str, Any]] = {
    "mixtral": {"num_local_experts": 4, "intermediate_size": 24},
    "qwen2_moe": {
        "num_experts": 4,
        "moe_intermediate_size": 24,
        "shared_expert_intermediate_size": 40,
        "intermediate_size": 99,
    },
}


@pytest.mark.parametrize("family", MOE)
def test_parameters_are_those_that_transformers_builds(family: str) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(
        family,
        vocab_size=96,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        num_experts_per_tok=2,
        tie_word_embeddings=False,
        **MOE[family],
    )
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    expected = sum(parameter.numel() for parameter in model.parameters())
    qwen = family == "qwen2_moe"
    expert, shared = (FeedForward(32, width, "silu", gated=True) for width in (24, 40))
    experts = Experts(expert, 4, 2, shared if qwen else None, qwen)
    attention = Attention(32, 4, 2, 8, query_bias=qwen, key_bias=qwen, value_bias=qwen, rotary=True)
    assert mixture(experts, 32, 3, 96, attention).forward_pass(1, 0, INT8).parameters == expected


@pytest.mark.parametrize(("chosen", "count"), [(0, 4), (5, 4)])
def test_more_experts_than_there_are_cannot_be_chosen(chosen: int, count: int) -> None:
    with pytest.raises(AhasdError, match=f"cannot take {chosen} of {count} experts"):
        Experts(MIXTRAL.expert, count, chosen)


@pytest.mark.parametrize(("tokens", "distinct"), [(1, 1), (1, 3), (3, 7), (9, 9)])
def test_experts_at_work_are_at_least_a_tokens_and_at_most_all_that_tokens_take(
    tokens: int, distinct: int
) -> None:
    with pytest.raises(AhasdError, match=f"2 to {min(8, 2 * tokens)} different ones, not {distinct}"):
        built(MIXTRAL, tokens, distinct)


def test_different_experts_are_those_of_independent_choice_unless_a_growth_is_given() -> None:
    assert MIXTRAL.different(1) == 2
    assert MIXTRAL.different(2) == pytest.approx(8 * (1 - 0.75**2))
    wide = Experts(MIXTRAL.expert, 128, 8)
    assert wide.different(4) == pytest.approx(128 * (1 - (1 - 8 / 128) ** 4))
    for growth, four in ((0.0, 8), (0.5, 16), (1.0, 32)):
        assert replace(wide, growth=growth).different(4) == four
    assert replace(wide, growth=1.0).different(1000) == 128
    assert Experts(MIXTRAL.expert, 4, 4).different(9) == 4


@steady
@given(st.integers(1, 64), st.data(), st.none() | st.floats(0, 1))
def test_more_tokens_read_more_experts_and_never_more_than_there_are(
    count: int, data: st.DataObject, growth: float | None
) -> None:
    chosen = data.draw(st.integers(1, count))
    experts = Experts(FeedForward(12, 20, "silu", True), count, chosen, growth=growth)
    found = [experts.different(tokens) for tokens in range(1, 40)]
    assert found[0] == chosen
    assert found == sorted(found)
    assert all(chosen <= one <= min(count, tokens * chosen) + 1e-9 for tokens, one in enumerate(found, 1))


@steady
@given(st.integers(1, 40), st.integers(1, 24), st.integers(1, 8))
def test_bytes_and_products_are_exact_in_the_mean(tokens: int, count: int, chosen: int) -> None:
    experts = Experts(FeedForward(12, 20, "silu", True), count, min(chosen, count))
    graph = GraphBuilder(INT8)
    made = graph.graph(experts.build(graph, graph.input("x", (tokens, 12))))
    for name in ("expert_gate", "expert_up", "expert_down"):
        operator = products(made)[name]
        assert operator.macs == tokens * experts.chosen * 12 * 20
        assert operator.weight_bytes == round(experts.different(tokens) * 12 * 20)
        assert 1 <= operator.mean_rows <= operator.rows < operator.mean_rows + 1
        assert operator.mean_rows * operator.instances == pytest.approx(tokens * experts.chosen)


@pytest.mark.parametrize(
    ("changes", "parameters"),
    [({"router_bias": True}, 8), ({"score_correction": True}, 8), ({"scores": "sigmoid"}, 0)],
)
def test_what_routers_have_beside_their_matrix(changes: dict[str, Any], parameters: int) -> None:
    plain = Experts(FeedForward(12, 20, "silu", gated=True), 8, 2)

    def elements(experts: Experts) -> int:
        return sum(
            value.elements for value in built(experts, 1, 2).values.values() if value.kind == "constant"
        )

    assert elements(replace(plain, **changes)) - elements(plain) == parameters
    scoring = {o.name: o.vector_operations for o in built(replace(plain, **changes), 1, 2).operators}[
        "routing"
    ]
    assert scoring == 8 * ((3 if "scores" in changes else 5) + 2)


def test_experts_may_work_on_fewer_channels_than_the_layer() -> None:
    narrow = Experts(FeedForward(12, 20, "relu"), 8, 2, FeedForward(32, 40, "relu"), hidden_size=32)
    graph = GraphBuilder(INT8)
    made = graph.graph(narrow.build(graph, graph.input("x", (3, 32))))
    found = products(made)
    assert (found["router"].inputs, found["expert_up"].inputs, found["shared_up"].inputs) == (32, 12, 32)
    assert found["expert_enter"].macs == found["expert_leave"].macs == 3 * 32 * 12
    assert made.values["shared_sum"].shape == (3, 32)


@pytest.mark.parametrize("growth", [-0.1, 1.1])
def test_a_growth_is_between_none_and_never_the_same_twice(growth: float) -> None:
    with pytest.raises(AhasdError, match=f"a power between 0 and 1, not {growth}"):
        replace(MIXTRAL, growth=growth)
