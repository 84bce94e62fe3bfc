"""What a machine reaches of its peaks: one factor each for bandwidth and arithmetic, in every device model."""

import pytest

from ahasd.assignments import assign
from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.cost import OperatorCost
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

PRECISION = Precision()
RANKS = RankSet(4, 0, 4)


def machine(preset: str, **constants: str) -> Hardware:
    hardware = load_preset(preset).hardware
    for key, value in constants.items():
        hardware = assign(hardware, key.replace("__", "."), value)
    return hardware


def npu(fidelity: Fidelity = Fidelity.FIRST_ORDER, **constants: str) -> Device:
    return build_npu(machine("module-mac", **constants), 4, PRECISION, fidelity)


def pim(fidelity: Fidelity = Fidelity.FIRST_ORDER, preset: str = "module-mac", **constants: str) -> Device:
    return build_pim(machine(preset, **constants), RANKS, True, PRECISION, fidelity)


def product(device: Device, rows: int = 1) -> OperatorCost:
    return device.operator_cost(matmul(LinearLayer("product", 4096, 4096), rows, PRECISION))


@pytest.mark.parametrize("tiling", ["blocked", "onnxim"])
@pytest.mark.parametrize("fidelity", list(Fidelity))
def test_an_npu_that_draws_half_the_bandwidth_streams_for_twice_as_long(
    fidelity: Fidelity, tiling: str
) -> None:
    full = product(npu(fidelity, npu__tiling=tiling))
    half = product(npu(fidelity, npu__tiling=tiling, npu__bandwidth_efficiency="0.5"))
    assert half.memory_seconds == pytest.approx(2 * full.memory_seconds)
    # Bytes, their energy, and the time for which they hold the bus are what they were; a row is open for longer.
    assert half.cost.bus_bytes == full.cost.bus_bytes
    assert half.cost.data_seconds == pytest.approx(full.cost.data_seconds)
    assert half.cost.joules > full.cost.joules


@pytest.mark.parametrize("tiling", ["blocked", "onnxim"])
@pytest.mark.parametrize("fidelity", list(Fidelity))
def test_an_npu_that_reaches_half_its_peak_computes_for_twice_as_long(
    fidelity: Fidelity, tiling: str
) -> None:
    full = product(npu(fidelity, npu__tiling=tiling), rows=4096)
    half = product(npu(fidelity, npu__tiling=tiling, npu__compute_efficiency="0.5"), rows=4096)
    assert half.compute_seconds == pytest.approx(2 * full.compute_seconds)


def test_an_npu_does_vector_work_at_the_share_too() -> None:
    graph = forward_pass(load_model("qwen2.5-0.5b"), 1, 100, PRECISION)
    vector = next(operator for operator in graph.operators if operator.vector_operations > 0)
    full, half = npu().operator_cost(vector), npu(npu__compute_efficiency="0.5").operator_cost(vector)
    assert half.compute_seconds == pytest.approx(2 * full.compute_seconds)


def test_units_in_memory_that_reach_half_their_peak_compute_for_twice_as_long() -> None:
    full, half = product(pim()), product(pim(pim__compute_efficiency="0.5"))
    assert half.compute_seconds == pytest.approx(2 * full.compute_seconds)
    assert half.memory_seconds == full.memory_seconds


def test_the_commands_of_units_that_reach_less_are_spaced_further() -> None:
    detailed = Fidelity.DETAILED
    bound_by_compute = product(pim(detailed)), product(pim(detailed, pim__compute_efficiency="0.5"))
    assert bound_by_compute[1].compute_seconds == pytest.approx(
        2 * bound_by_compute[0].compute_seconds, rel=0.05
    )
    arrays = {"pim__gmac_per_second": "100000", "pim__power_cap_w": "1000"}
    reads = product(pim(detailed, **arrays)), product(pim(detailed, **arrays, pim__array_efficiency="0.5"))
    assert 1.5 < reads[1].cost.seconds / reads[0].cost.seconds < 2


def test_a_gpu_reaches_its_shares() -> None:
    def gpu(**constants: str) -> Device:
        return build_gpu(machine("rtx-4090-laptop", **constants), "gpu", PRECISION)

    full = product(gpu(gpu__bandwidth_efficiency="0.8")), product(gpu(gpu__gemm_efficiency="0.8"), 4096)
    half = product(gpu(gpu__bandwidth_efficiency="0.4")), product(gpu(gpu__gemm_efficiency="0.4"), 4096)
    assert half[0].memory_seconds == pytest.approx(2 * full[0].memory_seconds)
    assert half[1].compute_seconds == pytest.approx(2 * full[1].compute_seconds)


@pytest.mark.parametrize("fidelity", list(Fidelity))
def test_a_share_of_one_is_the_machine_of_before(fidelity: Fidelity) -> None:
    graph = forward_pass(load_model("qwen2.5-0.5b"), 3, 200, PRECISION)
    ones = {"npu__bandwidth_efficiency": "1", "npu__compute_efficiency": "1"}
    assert npu(fidelity, **ones).cost(graph) == npu(fidelity).cost(graph)
    ones = {"pim__array_efficiency": "1", "pim__compute_efficiency": "1"}
    assert pim(fidelity, **ones).cost(graph) == pim(fidelity).cost(graph)
