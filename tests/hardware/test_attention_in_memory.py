"""Attention in memory: heads over channels, shared heads, layouts of values, long contexts."""

from itertools import pairwise

import pytest

from ahasd.assignments import assign
from ahasd.hardware.cost import Bound, OperatorCost
from ahasd.hardware.dram.timings import load_timing
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.pim.commands import PimOptions
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.operators import matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

INT8 = Precision()
TIMING = load_timing("ahasd")
CYCLE = 0.625e-9
ALL, THREE = RankSet(4, 0, 4), RankSet(4, 1, 3)


def pim(
    hardware: Hardware, ranks: RankSet = ALL, aau: bool = True, precision: Precision = INT8
) -> CommandPim:
    return CommandPim(hardware, ranks, aau, TIMING, precision)


def layer(heads: int, shared_by: int = 1, layers: int = 1) -> ModelSpec:
    """Heads of 128 elements; ``heads`` of them in the cache."""
    return load_model("llama2-7b").model_copy(
        update={"layers": layers, "heads": heads * shared_by, "key_value_heads": heads, "head_dim": 128}
    )


def products(
    device: CommandPim, spec: ModelSpec, entries: int, tokens: int = 1
) -> tuple[OperatorCost, OperatorCost]:
    """Scores and context when so many entries are attended to."""
    operators = forward_pass(spec, tokens, entries - tokens, INT8).operators
    score, context = (operator for operator in operators if operator.kind.is_attention)
    return device.operator_cost(score), device.operator_cost(context)


def test_four_heads_over_four_channels_by_hand(module_mac: Hardware) -> None:
    score, context = products(pim(module_mac), layer(heads=4), entries=2048)
    # A head on 64 banks of one channel: 32 keys or two outputs of 2048 values in each, 128 columns of 32 bytes.
    # 256 units of 32 multipliers at 102.4 G MAC/s take a column in 80 ns, 128 cycles.
    for cost, outputs in ((score, 2048), (context, 128)):
        adding = 4 * outputs * 32 / (16 * 16 * 0.8e9)
        assert cost.cost.array_bytes == 4 * 2048 * 128
        assert cost.compute_seconds == pytest.approx(128 * 128 * CYCLE + adding, rel=0.05)
        assert cost.bound is Bound.COMPUTE
    # Queries: four registers of 32 bytes before each of four passes of eight keys, and gathered before.
    assert score.cost.bus_bytes == 4 * 4 * 4 * 32 + 4 * 128
    # Probabilities: every channel's 2048 in one pass, and gathered before.
    assert context.cost.bus_bytes == 4 * 2048 + 4 * 2048


def test_every_round_of_heads_and_every_layer_pays_its_fixed_costs(module_mac: Hardware) -> None:
    device = pim(module_mac)
    once = products(device, layer(heads=4), 1024)
    for heads, layers, rounds in ((8, 1, 2), (40, 1, 10), (4, 5, 5), (12, 3, 9)):
        for single, many in zip(once, products(device, layer(heads, layers=layers), 1024), strict=True):
            assert many.launch_seconds == pytest.approx(rounds * single.launch_seconds, rel=1e-12)
            assert many.memory_seconds == pytest.approx(rounds * single.memory_seconds, rel=1e-12)


def test_the_fixed_cost_of_a_round_is_that_of_a_small_product(module_mac: Hardware) -> None:
    """Parking, all-bank mode, program and mode switches cost what they cost a product that fits the registers."""
    device = pim(module_mac)
    small = device.operator_cost(matmul(LinearLayer("small", 128, 64), 1, INT8))
    (score, context) = products(device, layer(heads=4), 64)
    assert score.launch_seconds == pytest.approx(small.launch_seconds, rel=0.02)
    assert context.launch_seconds == pytest.approx(small.launch_seconds, rel=0.02)


@pytest.mark.parametrize(("reuse", "reads"), [(1, 4), (2, 2), (4, 1)])
def test_query_heads_share_reads_of_their_cache_as_far_as_units_reuse(
    module_mac: Hardware, reuse: int, reads: int
) -> None:
    device = pim(assign(module_mac, "pim.weight_reuse", str(reuse)))
    alone, shared = products(device, layer(4), 2048), products(device, layer(4, shared_by=4), 2048)
    for one, four in zip(alone, shared, strict=True):
        assert four.cost.array_bytes == reads * one.cost.array_bytes
        assert four.cost.macs == 4 * one.cost.macs


def test_sharing_a_cache_saves_time_where_arrays_bind() -> None:
    hardware = load_preset("rank-compute").hardware
    rereading, reusing = (
        products(pim(assign(hardware, "pim.weight_reuse", reuse)), layer(4, shared_by=4), 4096)
        for reuse in ("1", "4")
    )
    for slow, quick in zip(rereading, reusing, strict=True):
        assert quick.cost.seconds < 0.5 * slow.cost.seconds


def test_values_by_token_read_as_much_and_meet_over_the_bus(module_mac: Hardware) -> None:
    hardware = assign(module_mac, "pim.value_layout", "by_token")
    (_, context) = products(pim(hardware), layer(heads=4), entries=2048)
    assert context.cost.array_bytes == 4 * 2048 * 128
    # 32 tokens in each of 64 banks: a register column of scalars for each, 2048 gathered before; then the sums of
    # four ranks, four bytes each.
    assert context.cost.bus_bytes == 4 * 64 * 32 + 4 * 2048 + 4 * 4 * 128 * 4
    # Without the AAU every bank's four columns of sums cross.
    (_, outside) = products(pim(hardware, aau=False), layer(heads=4), entries=2048)
    assert outside.cost.bus_bytes == 4 * 64 * 32 + 4 * 64 * 4 * 32


@pytest.mark.parametrize("name", ["llama2-13b", "llama-3.1-8b", "palm-like-8b"])
@pytest.mark.parametrize("layout", ["by_output", "by_token"])
@pytest.mark.parametrize("ranks", [ALL, THREE])
def test_cost_grows_with_the_context_up_to_32k(
    module_mac: Hardware, name: str, layout: str, ranks: RankSet
) -> None:
    device = pim(assign(module_mac, "pim.value_layout", layout), ranks)
    spec = load_model(name)
    contexts = [*range(64, 2048, 192), 2048, 2056, 4096, 4104, 8192, 16384, 24576, 32768]
    costs = [sum(c.cost.seconds for c in products(device, spec, entries)) for entries in contexts]
    # Command streams may slip by a refresh.
    assert all(slow <= quick * 1.002 for slow, quick in pairwise(costs))
    for entries, seconds in zip(contexts, costs, strict=True):
        assert seconds >= 2 * spec.layers * spec.query_width * entries / (102.4e9 * ranks.count / 16)
    by_context = dict(zip(contexts, costs, strict=True))
    slopes = [
        (by_context[b] - by_context[a]) / (b - a) for a, b in ((8192, 16384), (16384, 24576), (24576, 32768))
    ]
    # Linear but for the edges of tiles, 1536 to 2048 entries long, and for whole slots between column commands.
    assert slopes == pytest.approx([slopes[0]] * 3, rel=0.14)
    # Rows, switches and refresh, and padding to whole passes, but no more.
    bound = 2 * spec.layers * spec.query_width * 32768 / (102.4e9 * ranks.count / 16)
    assert by_context[32768] < 1.35 * bound


def test_a_cache_is_not_laid_out_anew_as_it_grows(module_mac: Hardware) -> None:
    """The context product of a layer is one pass at every length: the same switches, however long."""
    for spec in (load_model("llama2-13b"), load_model("palm-like-8b")):
        device = pim(module_mac, THREE)
        launches = {products(device, spec, entries)[1].launch_seconds for entries in (64, 1000, 5000, 32768)}
        assert max(launches) - min(launches) < 0.02 * min(launches)


def test_the_last_tile_of_inputs_is_no_longer_than_it_has_to_be(module_mac: Hardware) -> None:
    # 257 entries: nine register columns, in two tiles of five and not two of eight.
    (_, context) = products(pim(module_mac), layer(heads=4), entries=257)
    assert context.cost.array_bytes == 4 * 2 * 5 * 2 * 64 * 32


@pytest.mark.parametrize("cap", [0.5, 1.0, 2.0, 3.0, 31.0])
def test_the_duty_is_the_share_of_time_that_the_cap_leaves(cap: float) -> None:
    hardware = assign(load_preset("rank-both").hardware, "pim.power_cap_w", str(cap))
    product = matmul(LinearLayer("product", 4096, 4096), 1, INT8)
    cost = pim(hardware).operator_cost(product)
    # A column command of 256 units: 8192 bytes at 0.39 pJ/bit and 8192 MACs at 0.46 pJ; at 819.2 G MAC/s every 16
    # cycles, under the cap every so many.
    capped = (8192 * 8 * 0.39e-12 + 8192 * 0.46e-12) / (cap * CYCLE)
    assert cost.duty == pytest.approx(min(1.0, 16 / capped), rel=16 / 256)
    assert (cost.bound is Bound.POWER) == (cost.duty < 1)
    free = pim(assign(hardware, "pim.power_cap_w", "1000")).operator_cost(product)
    adding = 4096 * 32 / (16 * 16 * 0.8e9)
    assert (free.compute_seconds - adding) / (cost.compute_seconds - adding) == pytest.approx(
        cost.duty, rel=0.02
    )
    # And so first-order: the cap over what would be drawn.
    rough = Pim(hardware, ALL, True).operator_cost(product)
    working = max(rough.compute_seconds, rough.memory_seconds)
    joules = 4096**2 * (8 * 0.39e-12 + 0.46e-12)
    assert rough.duty == pytest.approx(min(1.0, cap * working / joules))


def test_what_the_cap_does_not_touch_has_full_duty(module_mac: Hardware) -> None:
    operators = forward_pass(load_model("llama2-7b"), 1, 500, INT8).operators
    attention = [operator for operator in operators if operator.on_cache or operator.within_attention]
    assert [pim(module_mac).operator_cost(operator).duty for operator in attention] == [1] * 4


@pytest.mark.parametrize(
    ("options", "duty"),
    [
        (PimOptions(power_cycles=(0.0, 30.0)), 6 / 30),  # unthrottled a column follows another after tCCDL
        (PimOptions(power_cycles=(10.0, 5.0)), 6 / 15),
        (PimOptions(power_cycles=(0.0, 5.0)), 1.0),
        (PimOptions(mac_cycles=12, power_cycles=(0.0, 30.0)), 12 / 30),
    ],
)
def test_the_power_cap_stretches_what_the_memory_or_the_units_pace(
    module_mac: Hardware, options: PimOptions, duty: float
) -> None:
    assert (TIMING.tCCDL, TIMING.burst_cycles) == (6, 4)
    assert pim(module_mac)._duty(options, tokens=1) == pytest.approx(duty)
