"""What a dataflow costs, against the devices' own step costs and closed forms."""

from dataclasses import replace
from math import ceil, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.hardware.build_devices import build_gpu, build_pim
from ahasd.hardware.cost import StepCost
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.hardware.mapping.mapped_device import OperatorMapped
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.preset import load_preset
from ahasd.studies.specpim.costs import Costs
from ahasd.studies.specpim.dataflow import ALL, Gene, Placed, UnitCost, Window, excess_bytes, stratum_seconds
from ahasd.studies.specpim.division import DividedPim, Division, input_parts
from ahasd.studies.specpim.machine import STACKS, Machine, gpu_only
from ahasd.studies.specpim.scenario import GENERATED, Scenario
from ahasd.studies.specpim.work import PRECISION, work_of
from ahasd.workload.operators import OperatorKind
from ahasd.workload.pair import load_pair
from ahasd.workload.passes import forward_pass, weight_bytes

SCENARIO = Scenario("opt-1.3b:opt-6.7b", 4, 0.7, 512, 1)
HBM = load_preset("specpim-hbm").hardware
RANKS = RankSet(64, 0, 1)


def round_of(device: OperatorMapped | None, hardware: Hardware = HBM) -> StepCost:
    """Draft steps and a verification by the device models; None for the host alone."""
    pair = load_pair(SCENARIO.pair)
    host = build_gpu(hardware, "gpu", PRECISION)
    draft, target = (
        forward_pass(spec, width, SCENARIO.context, PRECISION)
        for spec, width in ((pair.draft, 1), (pair.target, SCENARIO.draft_length + 1))
    )
    costs = []
    for graph in (draft, target):
        if device is None:
            costs.append(host.cost(graph))
            continue
        sides = {
            o.name: Side.PIM if o.kind is OperatorKind.MATMUL or o.on_cache else Side.HOST
            for o in graph.operators
        }
        costs.append(device.with_sides(sides).cost(graph))
    found = costs[1]
    for _ in range(SCENARIO.draft_length):
        found += costs[0]
    return found


def test_all_on_the_host_costs_what_steps_of_the_gpu_system_cost() -> None:
    costs = Costs(HBM, SCENARIO)
    found = costs.figures([Gene(Side.HOST)] * len(costs.work.units))
    step, tokens = round_of(None), SCENARIO.tokens_per_round
    assert found.seconds_per_token == pytest.approx(step.seconds / tokens)
    rest = 100.0 + 64 * (10.0 + 5.0) * 1e-3  # the GPUs' at rest, and ranks powered down and refreshed
    assert found.joules_per_token == pytest.approx((step.joules + rest * step.seconds) / tokens)


def test_all_products_in_memory_cost_what_steps_of_the_mapped_device_cost_and_the_copy_of_the_prompt() -> (
    None
):
    costs = Costs(HBM, SCENARIO)
    units = costs.work.units
    found = costs.figures([Gene(Side.PIM)] * len(units))
    host = build_gpu(HBM, "gpu", PRECISION)
    pim = build_pim(HBM, RANKS, False, PRECISION, Fidelity.FIRST_ORDER)
    launch_s = HBM.require_gpu().graph_launch_us * 1e-6
    step = round_of(OperatorMapped(host, pim, {}, HBM, launch_s))
    # Keys and values of 512 tokens: layers x width x FP16, of both models, over 64 channels of 16 GB/s at 0.9.
    copied = 2 * 2 * SCENARIO.context * (24 * 2048 + 32 * 4096)
    copying = copied / (64 * 16e9 * 0.9) / GENERATED
    assert found.seconds_per_token == pytest.approx(
        step.seconds / SCENARIO.tokens_per_round + copying, rel=1e-6
    )


def test_units_and_the_rest_are_all_operators_once_and_all_weights() -> None:
    work = work_of(replace(SCENARIO, batch=1))
    pair = load_pair(SCENARIO.pair)
    for model in ("draft", "target"):
        names = [o.name for u in work.units if u.model == model for o in u.operators]
        assert len(names) == len(set(names))
    kept = sum(unit.bytes for unit in work.units if unit.part != "cache") + work.fixed_bytes
    whole = sum(weight_bytes(spec, PRECISION) for spec in (pair.draft, pair.target))
    assert kept == pytest.approx(whole, rel=1e-3)  # a tied head is counted as the head
    operators = sum(len(u.operators) for u in work.units) + len(work.fixed)
    assert operators == sum(
        len(forward_pass(s, 1, 512, PRECISION).operators) for s in (pair.draft, pair.target)
    )


def test_query_key_and_value_may_run_at_once_and_what_needs_them_not() -> None:
    joins = {u.name: u.may_join for u in work_of(SCENARIO).units if u.model == "target"}
    assert joins["layer.key"]
    assert joins["layer.value"]
    assert not any(
        joins[name] for name in ("layer.query", "cache", "layer.attention_output", "layer.up", "layer.down")
    )


@given(st.integers(1, 256), st.integers(1, 20_000), st.integers(1, 20_000))
def test_a_product_is_cut_along_its_inputs_by_the_factor_nearest_to_the_rule(
    channels: int, inputs: int, outputs: int
) -> None:
    wanted = sqrt(inputs * channels / outputs)
    found = input_parts(channels, inputs, outputs)
    assert channels % found == 0
    for factor in range(1, channels + 1):
        if channels % factor == 0:
            assert abs(log(found / wanted)) <= abs(log(factor / wanted)) + 1e-12


@pytest.mark.parametrize("division", list(Division))
def test_a_divided_product_moves_a_share_of_its_input_to_each_channel_and_every_partial_sum_back(
    division: Division,
) -> None:
    operator = next(
        o
        for o in forward_pass(load_pair(SCENARIO.pair).target, 3, 512, PRECISION).operators
        if o.name == "lm_head"
    )
    pim = DividedPim(HBM, RANKS, PRECISION, division)
    parts = {"outputs": 1, "inputs": 64, "rule": input_parts(64, operator.inputs, operator.outputs)}[division]
    moved = operator.input_bytes * 64 // parts + 3 * operator.outputs * 2 * parts
    assert pim.operator_cost(operator).cost.bus_bytes == moved
    whole = Pim(HBM, RANKS, False, PRECISION).operator_cost(operator).cost
    assert pim.operator_cost(operator).cost.array_bytes == whole.array_bytes
    if division is Division.OUTPUTS:
        assert pim.operator_cost(operator).cost == whole


LEFT, RIGHT = Window(0, 2), Window(2, 2)


def placed(side: Side, window: Window, seconds: float, arithmetic: float = 0.0) -> Placed:
    return Placed(Gene(side, window, window), UnitCost(seconds, 1.0, arithmetic))


def test_units_run_at_once_on_channels_apart_and_one_after_the_other_on_the_same() -> None:
    assert stratum_seconds([placed(Side.PIM, LEFT, 2.0), placed(Side.PIM, RIGHT, 3.0)]) == 3.0
    assert stratum_seconds([placed(Side.PIM, ALL, 2.0), placed(Side.PIM, RIGHT, 3.0)]) == 5.0
    assert stratum_seconds([placed(Side.HOST, ALL, 2.0), placed(Side.PIM, ALL, 3.0)]) == 3.0
    # Two kernels at once share the host's arithmetic.
    assert stratum_seconds([placed(Side.HOST, LEFT, 2.0, 2.0), placed(Side.HOST, RIGHT, 3.0, 2.5)]) == 4.5


def test_a_joined_unit_saves_the_time_of_the_shorter_side() -> None:
    costs = Costs(Machine().hardware, SCENARIO)
    units = costs.work.units
    place = next(i for i, unit in enumerate(units) if unit.may_join)
    genes = [Gene(Side.HOST)] * len(units)
    genes[place] = Gene(Side.PIM)
    apart = costs.figures(genes)
    genes[place] = Gene(Side.PIM, joined=True)
    beside = costs.figures(genes)
    shorter = min(costs.unit(place - 1, genes[place - 1]).seconds, costs.unit(place, genes[place]).seconds)
    saved = (apart.seconds_per_token - beside.seconds_per_token) * SCENARIO.tokens_per_round
    assert saved == pytest.approx(shorter, rel=1e-6)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from([ALL, LEFT, RIGHT, Window(3, 1)]), st.floats(0, 10)), max_size=6))
def test_bytes_beyond_the_capacity_are_counted_quarter_by_quarter(held: list[tuple[Window, float]]) -> None:
    quarters = [
        sum(
            count / window.size
            for window, count in held
            if window.first <= place < window.first + window.size
        )
        for place in range(4)
    ]
    assert sum(quarters) == pytest.approx(sum(count for _, count in held))
    assert excess_bytes(held, 8.0) == pytest.approx(sum(max(0.0, used - 2.0) for used in quarters))


def test_what_does_not_fit_says_by_how_much() -> None:
    costs = Costs(Machine(stacks=1).hardware, Scenario("llama2-7b:llama2-13b", 4, 0.7, 512, 1))
    found = costs.figures([Gene(Side.PIM)] * len(costs.work.units))
    kept = sum(unit.bytes for unit in costs.work.units)
    assert found.excess_bytes == pytest.approx(kept - 16 * 0.375 * 2**30)
    assert not found.fits


def test_a_machine_of_the_presets_counts_is_the_preset_but_for_its_power() -> None:
    for memory, units, preset in (("hbm", 0.5, "specpim-hbm"), ("gddr6", 1.0, "specpim-gddr6")):
        found, known = Machine(memory, 4, units).hardware, load_preset(preset).hardware  # type: ignore[arg-type]
        assert found.pim == known.pim
        assert found.memory == known.memory
        assert found.energy == known.energy
        assert found.require_gpu().model_copy(update={"limit_w": 800.0}) == known.gpu


def test_two_whole_gpus_draw_their_limit() -> None:
    gpu = gpu_only().require_gpu()
    assert gpu.limit_w == pytest.approx(800.0)
    assert gpu.gb_per_second == STACKS * 311.0


def test_units_beyond_one_a_bank_share_what_it_reads() -> None:
    one, two = (Machine(units_per_bank=units).hardware.require_pim() for units in (1.0, 2.0))
    assert two.gmac_per_second == 2 * one.gmac_per_second
    assert two.gb_per_second == one.gb_per_second
    assert two.weight_reuse == 2
    assert ceil(5 / two.weight_reuse) == 3


@given(st.floats(0, 1), st.integers(1, 16))
def test_tokens_of_a_round_are_the_geometric_sum(acceptance: float, length: int) -> None:
    found = Scenario("a:b", length, acceptance, 1, 1).tokens_per_round
    expected = length + 1 if acceptance == 1 else (1 - acceptance ** (length + 1)) / (1 - acceptance)
    assert found == pytest.approx(expected, rel=1e-6)
