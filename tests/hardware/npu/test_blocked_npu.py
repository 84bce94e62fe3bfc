"""The NPU that cuts products into blocks: what it hands to their cost, and what users complained of."""

import pytest

from ahasd.assignments import assign
from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.cost import Bound, OperatorCost
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.blocked import Chips, Product, blocked_cost
from ahasd.hardware.npu.blocked_npu import BlockedNpu
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import INT8, Precision
from ahasd.workload.zoo import load_model

HARDWARE = load_preset("module-mac").hardware
SPEC = load_model("llama-3.1-8b")
CHIPS = Chips(2, 128, 128, 8e6, 1e6, 1e9, 48e9, 40e-9)


def costs(
    tokens: int, context: int = 0, precision: Precision = INT8, hardware: Hardware = HARDWARE
) -> dict[str, OperatorCost]:
    graph = forward_pass(SPEC, tokens, context, precision)
    npu = build_npu(hardware, 4, precision, Fidelity.DETAILED)
    return {cost.operator.name: cost for cost in npu.breakdown(graph)}


@pytest.mark.parametrize(("weights", "cache", "activations"), [(4, 8, 8), (16, 4, 8), (8, 16, 16)])
def test_every_operand_moves_at_its_own_width(weights: int, cache: int, activations: int) -> None:
    precision = Precision(weights, cache, activations)
    npu = BlockedNpu(HARDWARE, 4, precision, 12e9, 40e-9)
    operators = {o.name: o for o in forward_pass(SPEC, 20, 1000, precision).operators}
    up, width, hidden = operators["layer.up"], SPEC.feed_forward_size, SPEC.hidden_size
    rate = 0.5 if max(weights, activations) == 16 else 1.0
    product = Product(
        20,
        hidden,
        width,
        activations,
        weights,
        20 * hidden * activations / 8,
        hidden * width * weights / 8,
        20 * width * activations / 8,
        rate=rate,
    )
    expected = blocked_cost(CHIPS, product)
    found = npu.operator_cost(up)
    assert found.cost.seconds == pytest.approx(SPEC.layers * expected.seconds, rel=1e-12)
    assert found.cost.bus_bytes == pytest.approx(SPEC.layers * expected.bus_bytes, rel=1e-12)


def test_scores_of_few_rows_read_the_cache_at_its_width() -> None:
    """One token for four query heads a key-value head: keys once, queries and scores as activations."""
    for bits in (4, 8, 16):
        precision = Precision(kv_bits=bits)
        score = costs(1, 1023, precision)["layer.score"]
        keys = SPEC.layers * SPEC.key_value_heads * 1024 * SPEC.head_dim
        queries, scores = SPEC.layers * SPEC.heads * SPEC.head_dim, SPEC.layers * SPEC.heads * 1024
        assert score.cost.bus_bytes == keys * bits / 8 + queries + scores


def test_more_chips_leave_no_launches_behind() -> None:
    """Decoding is bound by the stream, on two chips as on 32."""
    few, many = (
        costs(1, 512, hardware=assign(HARDWARE, "npu.chips", chips))["layer.down"] for chips in ("2", "32")
    )
    assert many.bound is few.bound is Bound.MEMORY
    assert many.cost.seconds <= few.cost.seconds
    assert many.launch_seconds < 0.01 * many.cost.seconds


def test_a_prompt_gains_from_chips_and_from_scratchpad() -> None:
    base, *better = (
        sum(cost.cost.seconds for cost in costs(4096, hardware=hardware).values())
        for hardware in (
            HARDWARE,
            assign(HARDWARE, "npu.chips", "4"),
            assign(assign(HARDWARE, "npu.scratchpad_mb", "32"), "npu.accumulator_mb", "4"),
        )
    )
    assert better[0] < 0.75 * base
    assert better[1] < 0.97 * base


@pytest.mark.parametrize("tokens", [128, 512, 1024, 2048, 4096])
def test_products_of_a_prompt_come_near_their_roofline(tokens: int) -> None:
    """Arrays at work without a pause, or every operand over the bus once, whichever is longer."""
    npu = HARDWARE.require_npu()
    peak = npu.chips * npu.array_rows * npu.array_columns * npu.clock_ghz * 1e9
    bound = taken = 0.0
    for cost in costs(tokens).values():
        operator = cost.operator
        if operator.kind.has_weights:
            compulsory = operator.weight_bytes + operator.input_bytes + operator.output_bytes
            rate = cost.cost.bus_bytes / cost.memory_seconds
            bound += max(operator.macs / peak, compulsory / rate)
            taken += cost.cost.seconds
    # Where the two bounds are as long, neither hides what the other takes beyond its own.
    assert bound <= taken <= (1.02 if tokens <= 512 else 1.25) * bound
