"""Appending keys and values, by hand."""

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.assignments import assign
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.dram.timings import load_timing
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.bank_layout import BankLayout
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.pim.kv_layout import AppendTraffic, append_by_output, append_by_token, append_cycles
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import Operator, OperatorKind, matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

INT8 = Precision()
ALL = RankSet(4, 0, 4)
TIMING = load_timing("ahasd")


def append(spec: ModelSpec, tokens: int = 1, precision: Precision = INT8) -> Operator:
    operators = forward_pass(spec, tokens, 512, precision).operators
    return next(operator for operator in operators if operator.kind is OperatorKind.APPEND)


def one_layer(heads: int) -> ModelSpec:
    return load_model("llama2-7b").model_copy(
        update={"layers": 1, "heads": heads, "key_value_heads": heads, "head_dim": 128}
    )


def pim(hardware: Hardware, layout: str, aau: bool = False) -> CommandPim:
    return CommandPim(assign(hardware, "pim.value_layout", layout), ALL, aau, TIMING, INT8)


def test_a_new_token_of_a_head_of_128_elements() -> None:
    # Four columns of 32 bytes in one row.
    assert append_by_token(1, 128, 32) == AppendTraffic(reads=0, writes=4, activations=1)
    # A byte in each of 128 columns, which lie in 64 banks: read, change, write.
    assert append_by_output(1, 128, lanes=32, blocks=64) == AppendTraffic(
        reads=128, writes=128, activations=64
    )
    # 33 tokens touch two columns of an output wherever they begin.
    assert append_by_output(33, 128, lanes=32, blocks=64).writes == 2 * 128
    # A long prompt writes its columns once and reads but the first and the last.
    long = append_by_output(32 * 99 + 1, 128, lanes=32, blocks=64)
    assert (long.reads, long.writes) == (2 * 128, 100 * 128)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(1, 64))
def test_transposed_columns_are_the_mean_over_where_tokens_begin(tokens: int, lanes: int) -> None:
    touched = [(begin + tokens - 1) // lanes + 1 for begin in range(lanes)]
    assert append_by_output(tokens, 1, lanes, 1).writes == pytest.approx(sum(touched) / lanes)


def test_the_time_of_an_append_by_hand() -> None:
    # tRP 32 + tRCD 32; 259 gaps of 4 cycles, but for the turn RL 34 + 4 + tRTRS 4 - WL 18 = 24; WL 18 + 4 + tWR 24.
    bus, beside = append_cycles(TIMING, AppendTraffic(128, 132, 65), ranks=4)
    assert bus + beside == 64 + 258 * 4 + 24 + 46
    assert bus == 260 * 4
    # Few bursts wait for rows: 33 in a rank, 16 cycles apart (tFAW 64 for four); the last one is written at once.
    bus, beside = append_cycles(TIMING, AppendTraffic(0, 33, 33), ranks=1)
    assert bus + beside == 64 + 32 * 16 + 46
    # One burst: open, write, recover.
    assert sum(append_cycles(TIMING, AppendTraffic(0, 1, 1), ranks=4)) == 64 + 46


def test_an_operator_appends_keys_and_values_of_all_heads(module_mac: Hardware) -> None:
    operator = append(one_layer(heads=8))
    # Two heads on each of four channels. By output: (4 + 256) bursts a head; by token (4 + 4).
    scattered = pim(module_mac, "by_output").operator_cost(operator)
    assert scattered.cost.bus_bytes == 8 * 260 * 32
    assert scattered.cost.seconds == pytest.approx((64 + (2 * 260 - 2) * 4 + 24 + 46) * 0.625e-9)
    whole = pim(module_mac, "by_token").operator_cost(operator)
    assert whole.cost.bus_bytes == 8 * 8 * 32 == operator.kv_write_bytes
    assert whole.cost.seconds == pytest.approx((64 + 15 * 4 + 46) * 0.625e-9)
    # A row of 64 banks for values and one for keys, 569 pJ each, and 4 pJ a bit.
    energy = scattered.cost.energy_j[DYNAMIC_COMPONENTS.index("dram_offchip")]
    assert energy == pytest.approx(8 * 65 * 569e-12 + scattered.cost.bus_bytes * 8 * 4e-12)


def test_a_single_head_lies_over_all_channels(module_mac: Hardware) -> None:
    spec = one_layer(heads=1)
    by_token = assign(module_mac, "pim.value_layout", "by_token").require_pim()
    layout = BankLayout(by_token, ALL, INT8, lambda _, product: product.columns)
    total, busiest = layout.append(append(spec, tokens=1))
    assert total == busiest == AppendTraffic(0, 8, 2)  # a token lies on one channel
    total, busiest = layout.append(append(spec, tokens=8))
    assert busiest == total.times(1 / 4)


def test_a_layout_is_the_one_that_takes_a_row_the_least_time(module_mac: Hardware) -> None:
    """Of all ways to share four channels, by outputs or by inputs, what the estimate says decides."""
    operator = matmul(LinearLayer("product", 4096, 4096), 1, INT8)
    by_inputs, by_outputs = (
        BankLayout(
            module_mac.require_pim(), ALL, INT8, lambda _, product, sign=sign: sign * product.sum_columns
        )
        for sign in (-1, 1)
    )
    # Four parts of the inputs leave four sums for each output.
    assert by_inputs.product(operator).sum_columns == 4 * by_outputs.product(operator).sum_columns == 4 * 4096


@pytest.mark.parametrize(("inputs", "columns"), [(4096, 128), (4000, 125), (9, 1)])
def test_lanes_that_hold_no_element_are_not_multiplied(
    inputs: int, columns: int, module_mac: Hardware
) -> None:
    """A unit with fewer multipliers than lanes takes them in turn, so compute is that of the elements."""
    layer = LinearLayer("product", inputs, 4096)
    product = BankLayout(module_mac.require_pim(), ALL, INT8, lambda _, laid: laid.sum_columns).product(
        matmul(layer, 1, INT8)
    )
    padded = ceil(inputs / product.geometry.tile_inputs) * product.geometry.tile_inputs
    assert product.filled == inputs / padded
    assert ceil(inputs / 32) == columns


def test_with_the_aau_entries_come_over_the_bus_from_the_ranks(module_mac: Hardware) -> None:
    operator = append(load_model("llama2-7b"))
    inside, outside = (pim(module_mac, "by_token", aau).operator_cost(operator).cost for aau in (True, False))
    assert inside.bus_bytes - outside.bus_bytes == operator.input_bytes == 2 * 32 * 4096


@pytest.mark.parametrize("name", ["llama2-13b", "llama-3.1-8b", "palm-like-8b", "opt-1.3b"])
@pytest.mark.parametrize("bits", [4, 8, 16])
@pytest.mark.parametrize("tokens", [1, 5, 100])
def test_no_append_is_faster_than_its_bytes(module_mac: Hardware, name: str, bits: int, tokens: int) -> None:
    precision = Precision(kv_bits=bits)
    operator = append(load_model(name), tokens, precision)
    for layout in ("by_output", "by_token"):
        hardware = assign(module_mac, "pim.value_layout", layout)
        for device in (Pim(hardware, ALL, False), CommandPim(hardware, ALL, False, TIMING, precision)):
            cost = device.operator_cost(operator).cost
            assert cost.bus_bytes >= operator.kv_write_bytes
            assert cost.seconds >= cost.bus_bytes / 51.2e9 * (1 - 1e-9)
            assert cost.macs == cost.array_bytes == 0
    npu = Npu(module_mac, 4).operator_cost(operator)
    assert npu.cost.bus_bytes == operator.kv_write_bytes
    assert npu.cost.seconds == npu.memory_seconds  # behind the products: no launch of its own


def test_both_fidelities_move_the_same_bytes(module_mac: Hardware) -> None:
    operator = append(load_model("llama2-7b"), tokens=4)
    first_order, detailed = Pim(module_mac, ALL, True), CommandPim(module_mac, ALL, True, TIMING, INT8)
    assert (
        first_order.operator_cost(operator).cost.bus_bytes == detailed.operator_cost(operator).cost.bus_bytes
    )
