"""Costs of single operators against arithmetic by hand, and what must hold for all of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.assignments import assign
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import NO_COST, Bound
from ahasd.hardware.device import Device
from ahasd.hardware.energy import energy_vector
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.pim import Pim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset, preset_names
from ahasd.workload.graph import Graph
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

PRECISION = Precision()


def product(inputs: int, outputs: int, rows: int = 1) -> Operator:
    return matmul(LinearLayer("product", inputs, outputs), rows, PRECISION)


def energy_of(cost: tuple[float, ...], component: str) -> float:
    return cost[DYNAMIC_COMPONENTS.index(component)]


def test_a_narrow_product_on_the_npu_streams_its_weights_once(module_mac: Hardware) -> None:
    cost = Npu(module_mac, channels=4).operator_cost(product(4096, 4096))
    # 4096^2 bytes over 4 x 12.8 GB/s x 0.92; one launch of 1 us.
    assert cost.memory_seconds == pytest.approx(4096**2 / (51.2e9 * 0.92), rel=1e-12)
    # 32 x 32 tiles, 128 cycles each to preload, at 1 GHz on two chips.
    assert cost.compute_seconds == pytest.approx(32 * 32 * 128 / 2e9, rel=1e-12)
    assert cost.cost.seconds == pytest.approx(cost.memory_seconds + 1e-6, rel=1e-12)
    assert cost.bound is Bound.MEMORY
    assert energy_of(cost.cost.energy_j, "dram_offchip") == pytest.approx(4096**2 * 8 * 4.0e-12)
    assert energy_of(cost.cost.energy_j, "npu_compute") == pytest.approx(4096**2 * 0.23e-12)


def test_a_wide_product_on_the_npu_is_bound_by_the_array(module_mac: Hardware) -> None:
    cost = Npu(module_mac, channels=4).operator_cost(product(4096, 4096, rows=4096))
    assert cost.compute_seconds == pytest.approx(32 * 32 * 4096 / 2e9, rel=1e-12)
    assert cost.bound is Bound.COMPUTE


def test_rows_below_the_array_height_are_free(module_mac: Hardware) -> None:
    npu = Npu(module_mac, channels=4)
    narrow, full = npu.operator_cost(product(1024, 1024)), npu.operator_cost(product(1024, 1024, rows=128))
    assert narrow.compute_seconds == full.compute_seconds


def test_a_product_in_memory_takes_the_larger_of_compute_and_array_time(module_mac: Hardware) -> None:
    cost = Pim(module_mac, RankSet(4, 1, 3), aau=True).operator_cost(product(4096, 4096))
    # 12 of 16 ranks: 76.8 G MAC/s and 192 GB/s x 0.66.
    assert cost.compute_seconds == pytest.approx(4096**2 / 76.8e9, rel=1e-12)
    assert cost.memory_seconds == pytest.approx(4096**2 / (192e9 * 0.66), rel=1e-12)
    # The input is gathered once and broadcast on each of four channels.
    assert cost.bus_seconds == pytest.approx(5 * 4096 / (51.2e9 * 0.92), rel=1e-12)
    assert cost.cost.seconds == pytest.approx(cost.compute_seconds + cost.bus_seconds + 0.4e-6, rel=1e-12)
    assert energy_of(cost.cost.energy_j, "pim_array") == pytest.approx(4096**2 * 8 * 0.39e-12)


def test_weight_reuse_decides_what_a_verification_in_memory_reads(module_mac: Hardware) -> None:
    single = Pim(module_mac, RankSet(4, 0, 4), aau=True)
    reusing = Pim(assign(module_mac, "pim.weight_reuse", "4"), RankSet(4, 0, 4), aau=True)
    wide = product(4096, 4096, rows=5)
    assert single.operator_cost(wide).cost.array_bytes == 5 * 4096**2
    assert reusing.operator_cost(wide).cost.array_bytes == 2 * 4096**2


def test_a_power_cap_stretches_what_would_draw_more(module_mac: Hardware) -> None:
    ranks = RankSet(4, 0, 4)
    free = Pim(module_mac, ranks, aau=True).operator_cost(product(4096, 4096))
    joules = energy_of(free.cost.energy_j, "pim_array") + energy_of(free.cost.energy_j, "pim_compute")
    tight = assign(module_mac, "pim.power_cap_w", str(joules / free.compute_seconds / 2))
    capped = Pim(tight, ranks, aau=True).operator_cost(product(4096, 4096))
    assert capped.bound is Bound.POWER
    assert capped.cost.seconds - free.cost.seconds == pytest.approx(free.compute_seconds, rel=1e-9)


def test_without_aau_vector_work_is_done_by_the_npu(module_mac: Hardware, all_ranks: RankSet) -> None:
    step = forward_pass(load_model("llama2-7b"), 1, 512, PRECISION)
    inside = Pim(module_mac, all_ranks, aau=True).cost(step)
    outside = Pim(module_mac, all_ranks, aau=False).cost(step)
    assert inside.host_seconds == 0
    assert outside.host_seconds > 0
    assert outside.bus_bytes > inside.bus_bytes
    assert outside.seconds > inside.seconds


def test_a_memory_that_does_not_compute_is_refused() -> None:
    with pytest.raises(Exception, match="no processing in memory"):
        Pim(load_preset("lpddr5").hardware, RankSet(4, 0, 4), aau=True)


def test_a_named_energy_component_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no energy component"):
        energy_vector(magic=1.0)


def devices(hardware: Hardware) -> list[Device]:
    built: list[Device] = [Gpu(gpu, PRECISION, name) for name, gpu in hardware.gpus.items()]
    if hardware.npu is not None:
        built.append(Npu(hardware, hardware.memory.channels))
    if hardware.pim is not None and hardware.npu is not None:
        ranks = RankSet(hardware.memory.channels, 0, hardware.memory.ranks_per_channel)
        built += [Pim(hardware, ranks, aau) for aau in (True, False)]
    return built


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("width", [1, 5])
def test_every_device_passes_the_conformance_suite(preset: str, width: int) -> None:
    hardware = load_preset(preset).hardware
    graph = forward_pass(load_model("opt-1.3b"), width, 300, PRECISION)
    for device in devices(hardware):
        step = device.cost(graph)
        assert step == device.cost(graph), "pure"
        assert step.seconds > 0
        assert step.macs == sum(operator.macs for operator in graph.operators)
        assert all(joules >= 0 for joules in step.energy_j)
        assert step.joules == pytest.approx(sum(step.energy_j))
        assert sum(c.cost.seconds for c in device.breakdown(graph)) == pytest.approx(step.seconds)
        assert device.cost(Graph((), {})) == NO_COST
        for part in device.breakdown(graph):
            # Nothing is faster than its slowest part, nor slower than all of them one after the other.
            parts = (part.compute_seconds, part.memory_seconds, part.bus_seconds, part.launch_seconds)
            assert part.cost.seconds >= max(parts) * (1 - 1e-12)
            if part.bound is not Bound.POWER:
                assert part.cost.seconds <= sum(parts) * (1 + 1e-12)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    width=st.integers(1, 40),
    context=st.integers(0, 3000),
    key=st.sampled_from(
        ["memory.channel_gb_per_second", "npu.clock_ghz", "pim.gmac_per_second", "pim.gb_per_second"]
    ),
    factor=st.floats(1.0, 8.0),
)
def test_faster_hardware_is_never_slower(width: int, context: int, key: str, factor: float) -> None:
    hardware = load_preset("module-mac").hardware
    section, name = key.split(".")
    value = getattr(getattr(hardware, section), name)
    faster = assign(hardware, key, str(value * factor))
    graph = forward_pass(load_model("llama2-7b"), width, context, PRECISION)
    for slow, quick in zip(devices(hardware), devices(faster), strict=True):
        assert quick.cost(graph).seconds <= slow.cost(graph).seconds * (1 + 1e-12)
