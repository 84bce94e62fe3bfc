"""Layers that keep a state: its size, and that passes over it are linear in their tokens and blind to the context."""

from collections.abc import Callable

import pytest

from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.gated_delta_net import GatedDeltaNet
from ahasd.workload.blocks.linear_recurrent_unit import LinearRecurrentUnit
from ahasd.workload.blocks.mamba import Mamba, Mamba2
from ahasd.workload.blocks.parallel_mixers import ParallelMixers
from ahasd.workload.blocks.short_convolution import ShortConvolution
from ahasd.workload.blocks.token_mixer import TokenMixer
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind

INT8 = Precision()
HIDDEN = 64
MIXERS: dict[str, TokenMixer] = {
    "delta": GatedDeltaNet(HIDDEN, 2, 4, 16, 8, 4),
    "kimi": GatedDeltaNet(HIDDEN, 4, 4, 16, 16, 4, gate_rank=16),
    "mamba": Mamba(HIDDEN, 128, 8, 4, 4),
    "jamba": Mamba(HIDDEN, 128, 8, 4, 4, inner_norms="gains"),
    "falcon": Mamba(HIDDEN, 128, 8, 4, 4, bias=True, inner_norms="plain"),
    "mamba2": Mamba2(HIDDEN, 8, 16, 32, 2, 4),
    "convolution": ShortConvolution(HIDDEN, 3),
    "unit": LinearRecurrentUnit(HIDDEN, 64, 4, 4),
}
#: Parameters by hand.
PARAMETERS = {
    # Queries, keys and values, gate, two rates a head; kernels; decays, biases and gains; the way out.
    "delta": 64 * (2 * 32 + 32) + 64 * 32 + 64 * 8 + 4 * 96 + 4 + 4 + 8 + 32 * 64,
    "kimi": 64 * 3 * 64 + 2 * (64 * 16 + 16 * 64) + 64 * 4 + 4 * 192 + 4 + 64 + 16 + 64 * 64,
    "mamba": 64 * 256 + 128 * 5 + 128 * (4 + 16) + 4 * 128 + 128 + 128 * 8 + 128 + 128 * 64,
    "jamba": 64 * 256 + 128 * 5 + 128 * (4 + 16) + 20 + 4 * 128 + 128 + 128 * 8 + 128 + 128 * 64,
    "falcon": 64 * 256 + 256 + 128 * 5 + 128 * 20 + 4 * 128 + 128 + 128 * 8 + 128 + 128 * 64 + 64,
    "mamba2": 64 * (128 + 256 + 8) + 256 * 5 + 3 * 8 + 128 + 128 * 64,
    "convolution": 64 * 192 + 64 * 3 + 64 * 64,
    "unit": 3 * 64 * 64 + 3 * 64 + 64 * 5 + 2 * (4 * 16 * 16 + 64) + 64,
}
#: Bytes of the recurrent state at 32 bits, and of the last inputs of the convolution at 16.
STATES = {
    "delta": 4 * 4 * 16 * 8 + 2 * 3 * 96,
    "kimi": 4 * 4 * 16 * 16 + 2 * 3 * 192,
    "mamba": 4 * 128 * 8 + 2 * 3 * 128,
    "jamba": 4 * 128 * 8 + 2 * 3 * 128,
    "falcon": 4 * 128 * 8 + 2 * 3 * 128,
    "mamba2": 4 * 128 * 32 + 2 * 3 * (128 + 2 * 2 * 32),
    "convolution": 2 * 2 * 64,
    "unit": 4 * 64 + 2 * 3 * 64,
}
#: Multiply-accumulates of a token with the state and with the kernels.
PRODUCTS = {
    "delta": 3 * 4 * 16 * 8 + 4 * 96,
    "kimi": 3 * 4 * 16 * 16 + 4 * 192,
    "mamba": 2 * 128 * 8 + 4 * 128,
    "jamba": 2 * 128 * 8 + 4 * 128,
    "falcon": 2 * 128 * 8 + 4 * 128,
    "mamba2": 2 * 128 * 32 + 4 * 256,
    "convolution": 3 * 64,
    "unit": 64 + 4 * 64,
}


def built(mixer: TokenMixer, tokens: int, context: int, precision: Precision = INT8) -> Graph:
    graph = GraphBuilder(precision)
    projected = mixer.project(graph, graph.input("x", (tokens, HIDDEN)))
    mixed = mixer.mix(graph, projected, context)
    assert (mixed.result, graph.shape(mixed.result)) == mixer.mixed_shape(tokens)
    return graph.graph(*mixed.kept, mixer.output(graph, mixed.result))


def total(graph: Graph, of: Callable[[Operator], int], *kinds: OperatorKind) -> int:
    return sum(of(o) for o in graph.operators if not kinds or o.kind in kinds)


@pytest.mark.parametrize("name", MIXERS)
def test_parameters_and_states_by_hand(name: str) -> None:
    graph = built(MIXERS[name], 2, 5)
    constants = [value for value in graph.values.values() if value.kind is ValueKind.CONSTANT]
    assert sum(value.elements for value in constants) == PARAMETERS[name]
    for precision in (INT8, Precision(4, 4, 4)):
        for entries in (0, 1, 10**6):
            assert MIXERS[name].kept_bytes(entries, precision) == STATES[name]


@pytest.mark.parametrize("name", MIXERS)
def test_a_pass_reads_and_writes_the_state_once_and_takes_each_token_alike(name: str) -> None:
    one, many = built(MIXERS[name], 1, 0), built(MIXERS[name], 7, 0)
    for graph, tokens in ((one, 1), (many, 7)):
        assert total(graph, lambda o: o.kv_read_bytes) == STATES[name]
        assert total(graph, lambda o: o.kv_write_bytes) == STATES[name]
        assert total(graph, lambda o: o.macs, OperatorKind.RECURRENCE) == tokens * PRODUCTS[name]
    assert total(many, lambda o: o.macs) == 7 * total(one, lambda o: o.macs)
    assert total(many, lambda o: o.vector_operations) == 7 * total(one, lambda o: o.vector_operations)
    assert total(many, lambda o: o.weight_bytes) == total(one, lambda o: o.weight_bytes)


@pytest.mark.parametrize("name", MIXERS)
def test_the_context_does_not_matter(name: str) -> None:
    assert built(MIXERS[name], 3, 0).operators == built(MIXERS[name], 3, 10**6).operators


@pytest.mark.parametrize("name", MIXERS)
def test_states_lie_in_place_and_are_of_their_own_width(name: str) -> None:
    graph = built(MIXERS[name], 2, 0, Precision(4, 4, 4))
    states = [value for value in graph.values.values() if value.name.endswith("_state")]
    assert {value.element_type for value in states} <= {"float32", "float16"}
    for state in states:
        after = graph.values[f"{state.name}.rewritten"]
        assert (after.alias_of, after.kind, after.bytes) == (state.name, ValueKind.OUTPUT, state.bytes)


def test_mixers_side_by_side_do_the_work_of_both() -> None:
    attention = Attention(HIDDEN, 4, 2, 16, rotary=True)
    state_space = Mamba2(HIDDEN, 8, 16, 32, 2, 4)
    both = ParallelMixers(attention, state_space)
    graph = built(both, 3, 20)
    alone = [built(mixer, 3, 20) for mixer in (attention, state_space)]
    for field in ("macs", "weight_bytes", "kv_read_bytes", "kv_write_bytes"):
        parts = [sum(getattr(o, field) for o in each.operators) for each in alone]
        assert sum(getattr(o, field) for o in graph.operators) == sum(parts), field
    kept = [mixer.kept_bytes(100, INT8) for mixer in (attention, state_space)]
    assert both.kept_bytes(100, INT8) == sum(kept)
