"""Mappings of real models against exhaustive search, and what they cost against what they are made of."""

import numpy as np
import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.hardware.mapping.map_operators import Capacities, design_passes, map_operators
from ahasd.hardware.mapping.mapped_device import OperatorMapped
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import OperatorKind, matmul
from ahasd.workload.passes import forward_pass, kv_cache_bytes, weight_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

PRECISION = Precision()
DRAFT, TARGET = load_model("tiny-draft"), load_model("tiny-target")
LENGTH = 8
CONTEXT = 100
PASSES = design_passes(TARGET, DRAFT, LENGTH, CONTEXT, 2 * CONTEXT)


def hardware_of(gmac: float, gb: float, launch: float) -> Hardware:
    hardware = load_preset("module-mac").hardware
    hardware = assign(hardware, "pim.gmac_per_second", str(gmac))
    hardware = assign(hardware, "pim.launch_us", str(launch))
    return assign(hardware, "pim.gb_per_second", str(gb))


def devices(hardware: Hardware, aau: bool) -> tuple[Npu, Pim]:
    return Npu(hardware, 4), Pim(hardware, RankSet(4, 0, 4), aau)


def round_seconds(mapped: list[OperatorMapped]) -> float:
    return sum(
        design.times * device.cost(design.graph(PRECISION)).seconds
        for design, device in zip(PASSES, mapped, strict=True)
    )


@pytest.mark.parametrize(
    ("gmac", "gb", "launch"),
    [(102.4, 256.0, 0.4), (819.2, 4096.0, 0.1), (20.0, 60.0, 0.9), (10.0, 60.0, 1.0)],
)
@pytest.mark.parametrize("aau", [True, False])
@pytest.mark.parametrize("design", [0, 1])
def test_the_mapping_is_that_of_exhaustive_search(gmac, gb, launch, aau, design):
    """All 2^n mappings at once: in_memory[o] says for each of them whether o is in memory.

    Without the AAU vector work is the host's, and products in memory have paid for both ways.
    """
    hardware = hardware_of(gmac, gb, launch)
    host, pim = devices(hardware, aau)
    graph = PASSES[design].graph(PRECISION)
    operators = graph.operators
    vectors = {o.name for o in operators if o.kind is OperatorKind.VECTOR}
    on_cache = [f"layer.{name}" for name in ("append", "score", "context")]
    names = [o.name for o in operators if o.name not in on_cache[1:] and (aau or o.name not in vectors)]
    numbers = np.arange(2 ** len(names))
    in_memory = {name: (numbers >> bit) % 2 == 1 for bit, name in enumerate(names)}
    in_memory |= dict.fromkeys(on_cache, in_memory[on_cache[0]])
    in_memory |= {name: np.zeros(len(numbers), bool) for name in vectors - set(names)}
    seconds = np.zeros(len(numbers))
    for operator in operators:
        on_host, in_pim = (device.operator_cost(operator).cost.seconds for device in (host, pim))
        seconds += np.where(in_memory[operator.name], in_pim, on_host)
    for flow in graph.flows if aau else ():
        source = in_memory[flow.producer]
        read = source & np.any([~in_memory[name] for name in flow.consumers], axis=0)
        onto = [in_memory[name] for name in flow.consumers if name in vectors]
        written = ~source & np.any(onto, axis=0) if onto else np.zeros_like(source)
        seconds += np.where(read | written, flow.bytes / (51.2e9 * 0.92), 0.0)
    found = map_operators(PASSES, host, pim, hardware, PRECISION)[design]
    assert found.cost(graph).seconds == pytest.approx(seconds.min(), rel=1e-12)


def test_a_mapping_keeps_both_capacities():
    hardware = hardware_of(819.2, 4096.0, 0.1)
    host, pim = devices(hardware, aau=False)
    everything = sum(
        weight_bytes(spec, PRECISION) + kv_cache_bytes(spec, 2 * CONTEXT, PRECISION)
        for spec in (DRAFT, TARGET)
    )
    free = round_seconds(map_operators(PASSES, host, pim, hardware, PRECISION))
    limits = [int(everything * share) for share in (0.9, 0.5, 0.2, 0.05)]
    times = [
        round_seconds(map_operators(PASSES, host, pim, hardware, PRECISION, Capacities(None, limit)))
        for limit in limits
    ]
    assert [free, *times] == sorted([free, *times])
    assert times[-1] > free


def test_a_crossing_costs_its_bytes_once_however_many_read_them():
    hardware = load_preset("module-mac").hardware
    host, pim = devices(hardware, aau=True)
    graph = PASSES[1].graph(PRECISION)
    operators = graph.operators
    all_host = dict.fromkeys((o.name for o in operators), Side.HOST)
    norm_in_memory = OperatorMapped(host, pim, all_host | {"layer.attention_norm": Side.PIM}, hardware)
    norm = next(o for o in operators if o.name == "layer.attention_norm")
    # Query, key and value read the norm's output, and the norm reads the residual stream of the layer before it.
    stream = norm.output_bytes
    expected = host.cost(graph).seconds - host.operator_cost(norm).cost.seconds
    expected += pim.operator_cost(norm).cost.seconds + (norm.output_bytes + stream) / pim.bus_bytes_per_second
    cost = norm_in_memory.cost(graph)
    assert cost.seconds == pytest.approx(expected, rel=1e-12)
    assert cost.host_seconds + cost.memory_compute_seconds == pytest.approx(cost.seconds, rel=1e-12)


@pytest.mark.parametrize("side", Side)
def test_everything_on_one_side_costs_what_that_device_does(side):
    hardware = load_preset("module-mac").hardware
    host, pim = devices(hardware, aau=True)
    graph = PASSES[0].graph(PRECISION)
    mapped = OperatorMapped(host, pim, dict.fromkeys((o.name for o in graph.operators), side), hardware)
    alone = host if side is Side.HOST else pim
    cost, expected = mapped.cost(graph), alone.cost(graph)
    assert cost.seconds == expected.seconds
    assert cost.energy_j == expected.energy_j
    assert (cost.host_seconds, cost.memory_compute_seconds)[side is Side.PIM] == pytest.approx(cost.seconds)


def test_what_was_not_mapped_is_refused():
    hardware = load_preset("module-mac").hardware
    host, pim = devices(hardware, aau=True)
    for_draft = map_operators(PASSES, host, pim, hardware, PRECISION)[1]
    product = matmul(LinearLayer("router", 64, 8), 1, PRECISION)
    with pytest.raises(
        AhasdError, match=r"npu\+pim runs what it was mapped for, and router is not part of that"
    ):
        for_draft.operator_cost(product)
    other = forward_pass(load_model("opt-1.3b"), 1, 0, PRECISION)
    with pytest.raises(AhasdError, match="position_embedding is not part of that"):
        for_draft.cost(other)


def test_what_works_on_the_cache_goes_to_one_side():
    hardware = hardware_of(102.4, 256.0, 0.4)
    host, pim = devices(hardware, aau=True)
    for design, device in zip(PASSES, map_operators(PASSES, host, pim, hardware, PRECISION), strict=True):
        on_cache = [o.name for o in design.operators(PRECISION) if o.on_cache]
        assert on_cache == ["layer.append", "layer.score", "layer.context"]
        assert len({device.sides[name] for name in on_cache}) == 1


def test_units_keep_all_bytes_of_a_model_between_them():
    """Matrices with their products, the cache with what works on it, all the rest with the first table."""
    host, pim = devices(hardware_of(819.2, 4096.0, 0.1), aau=False)
    hardware = hardware_of(819.2, 4096.0, 0.1)
    everything = sum(
        weight_bytes(spec, PRECISION) + kv_cache_bytes(spec, 2 * CONTEXT, PRECISION)
        for spec in (DRAFT, TARGET)
    )
    map_operators(PASSES, host, pim, hardware, PRECISION, Capacities(everything, 0))
    with pytest.raises(AhasdError, match="no mapping of operators fits"):
        map_operators(PASSES, host, pim, hardware, PRECISION, Capacities(everything - 1, 0))


def test_each_launch_of_an_operator_in_memory_takes_its_time_and_none_of_those_on_the_host():
    hardware = load_preset("module-mac").hardware
    host, pim = devices(hardware, aau=True)
    layers = matmul(LinearLayer("product", 64, 64), 1, PRECISION).in_layers("layer", 3)
    quick, slow = (OperatorMapped(host, pim, {}, hardware, seconds) for seconds in (0.0, 1e-6))
    added = slow.on_side(layers, Side.PIM).cost.seconds - quick.on_side(layers, Side.PIM).cost.seconds
    assert added == pytest.approx(3e-6, rel=1e-9)
    assert slow.on_side(layers, Side.HOST) == quick.on_side(layers, Side.HOST)
