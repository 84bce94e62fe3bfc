"""The GPU's roofline against arithmetic by hand, its memory against sums, and presets with GPUs."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import Bound
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.gpu.memory import GpuResident, layers_offloaded
from ahasd.hardware.placement.placement import Resident
from ahasd.hardware.preset.preset import load_preset
from ahasd.hardware.preset.sections import GpuSection
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind, matmul
from ahasd.workload.passes import forward_pass, layer_matrix_bytes
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

INT8, FP16 = Precision(8, 8), Precision(16, 16)
LAYER = LinearLayer("up", 1000, 2000)
GIGA = 2**30


def in_layers(product: LinearLayer, rows: int, precision: Precision = INT8) -> Operator:
    """Ten layers of a product."""
    return matmul(product, rows, precision).in_layers("layer", 10)


def section(**changes: Any) -> GpuSection:
    """100 GB/s, 1 T MAC/s in FP16 and 2 in INT8, all of it reached; 2 us a kernel; 10 to 110 W; 10 GB/s of PCIe."""
    given = {
        "memory_gib": 4.0,
        "reserved_gib": 1.0,
        "gb_per_second": 200.0,
        "bandwidth_efficiency": 0.5,
        "fp16_tflops": 4.0,
        "int8_tops": 8.0,
        "gemm_efficiency": 0.5,
        "vector_tflops": 2.0,
        "l2_mb": 1.0,
        "fused_attention": True,
        "launch_us": 20.0,
        "graphs": True,
        "graph_launch_us": 2.0,
        "pcie_gb_per_second": 20.0,
        "pcie_efficiency": 0.5,
        "offload": False,
        "offload_overlap": False,
        "idle_w": 10.0,
        "limit_w": 110.0,
    }
    return GpuSection.model_validate(given | changes)


def test_a_vector_product_is_bound_by_its_weights() -> None:
    cost = Gpu(section(), INT8).operator_cost(in_layers(LAYER, 1))
    # 20 MB at 100 GB/s are 200 us, ten kernels 20 us, and the board draws 100 W above idle for the 200.
    assert cost.cost.seconds == pytest.approx(220e-6)
    assert cost.bound is Bound.MEMORY
    assert cost.cost.energy_j[DYNAMIC_COMPONENTS.index("gpu")] == pytest.approx(200e-6 * 100)
    assert cost.cost.joules == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("precision", "macs_per_second"), [(INT8, 2e12), (FP16, 1e12), (Precision(4, 16), 1e12)]
)
def test_a_wide_product_is_bound_by_the_tensor_cores(precision: Precision, macs_per_second: float) -> None:
    cost = Gpu(section(), precision).operator_cost(in_layers(LAYER, 400, precision))
    assert cost.bound is Bound.COMPUTE
    assert cost.compute_seconds == pytest.approx(400 * 20e6 / macs_per_second)
    assert cost.cost.seconds == pytest.approx(cost.compute_seconds + 20e-6)


def test_without_graphs_a_kernel_takes_at_least_its_launch() -> None:
    eager = section(graphs=False)
    large, small = LAYER, LinearLayer("small", 100, 100)
    assert Gpu(eager, INT8).operator_cost(in_layers(large, 1)).cost.seconds == pytest.approx(200e-6)
    launched = Gpu(eager, INT8).operator_cost(in_layers(small, 1))
    assert launched.cost.seconds == pytest.approx(10 * 20e-6)
    assert launched.bound is Bound.LAUNCH


@pytest.mark.parametrize(("fused", "kernels"), [(True, 1), (False, 3)])
def test_fused_attention_is_one_kernel_and_keeps_its_scores(fused: bool, kernels: int) -> None:
    spec = load_model("llama2-7b")
    operators = [o for o in forward_pass(spec, 512, 0, INT8).operators if o.within_attention]
    assert [o.kind for o in operators] == [OperatorKind.SCORE, OperatorKind.VECTOR, OperatorKind.CONTEXT]
    gpu = Gpu(section(fused_attention=fused), INT8)
    costs = [gpu.operator_cost(operator) for operator in operators]
    assert sum(c.launch_seconds for c in costs) == pytest.approx(kernels * spec.layers * 2e-6)
    # 32 heads of 512 tokens have 4.2 MB of scores a layer, above the L2 cache of 1 MB.
    moved = costs[1].cost.bus_bytes
    assert moved == (0 if fused else operators[1].input_bytes + operators[1].output_bytes)


def test_offloaded_layers_come_over_pcie_before_or_beside_the_kernels() -> None:
    product = in_layers(LAYER, 1)
    # A quarter of 20 MB at 10 GB/s: 500 us.
    before = Gpu(section(), INT8, offloaded_share=0.25).operator_cost(product)
    beside = Gpu(section(offload_overlap=True), INT8, offloaded_share=0.25).operator_cost(product)
    assert before.cost.seconds == pytest.approx(720e-6)
    assert beside.cost.seconds == pytest.approx(500e-6)
    assert before.bound is beside.bound is Bound.BUS
    assert before.cost.joules == beside.cost.joules == pytest.approx(0.02), "waiting draws idle power"
    head = matmul(LinearLayer("lm_head", 1000, 2000), 1, INT8)
    assert Gpu(section(), INT8, offloaded_share=1.0).operator_cost(head).bus_seconds == 0


def resident(name: str, gib: float, cache_gib: float = 0.0, layers: int = 10) -> GpuResident:
    weights = int(gib * GIGA)
    return GpuResident(Resident(name, weights, int(cache_gib * GIGA)), layers, weights / layers)


def test_what_fits_stays() -> None:
    assert layers_offloaded(section(), "gpu", [resident("target", 2), resident("draft", 1)]) == [0, 0]


def test_what_does_not_fit_is_an_error_with_the_sum_or_an_offload_by_layers() -> None:
    # 3 GiB free: target and draft of 3 and 1 GiB are 1 GiB too many, four of the target's layers of 0.3 GiB.
    models = [resident("target", 3), resident("draft", 1)]
    with pytest.raises(
        AhasdError, match=r"target: 3\.22 GB .*together 4\.29 GB; gpu has 4 GiB - 1 GiB.*= 3\.22"
    ):
        layers_offloaded(section(), "gpu", models)
    assert layers_offloaded(section(offload=True), "gpu", models) == [4, 0]
    larger = [resident("target", 3), resident("draft", 3.5)]
    assert layers_offloaded(section(offload=True), "gpu", larger) == [10, 2]


def test_what_cannot_be_offloaded_is_an_error() -> None:
    with pytest.raises(AhasdError, match="caches, embedding and head alone"):
        layers_offloaded(section(offload=True), "gpu", [resident("target", 1, cache_gib=3.5)])
    with pytest.raises(AhasdError, match="nothing can be offloaded"):
        layers_offloaded(section(offload=True, pcie_gb_per_second=0), "gpu", [resident("target", 5)])


def test_a_layer_of_llama2_7b_has_its_seven_matrices() -> None:
    assert layer_matrix_bytes(load_model("llama2-7b"), INT8) == 4 * 4096**2 + 3 * 4096 * 11008


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    width=st.integers(1, 300),
    context=st.integers(0, 3000),
    key=st.sampled_from(
        ["gb_per_second", "fp16_tflops", "int8_tops", "vector_tflops", "pcie_gb_per_second", "l2_mb"]
    ),
    factor=st.floats(1.0, 8.0),
    graphs=st.booleans(),
    overlap=st.booleans(),
    fused=st.booleans(),
)
def test_a_faster_gpu_is_never_slower(
    width: int, context: int, key: str, factor: float, graphs: bool, overlap: bool, fused: bool
) -> None:
    slow = section(graphs=graphs, offload_overlap=overlap, fused_attention=fused)
    quick = slow.model_copy(update={key: getattr(slow, key) * factor})
    graph = forward_pass(load_model("opt-1.3b"), width, context, INT8)
    times = [Gpu(gpu, INT8, offloaded_share=0.3).cost(graph).seconds for gpu in (slow, quick)]
    assert times[1] <= times[0] * (1 + 1e-12)


@pytest.mark.parametrize("name", ["rtx-4090-laptop", "rtx-5090-laptop", "jetson-agx-orin", "two-a100-40gb"])
def test_presets_are_derated_and_have_room_below_the_limit(name: str) -> None:
    gpu = load_preset(name).hardware.require_gpu()
    assert gpu.bandwidth_efficiency < 1
    assert gpu.gemm_efficiency < 1
    assert gpu.idle_w < gpu.limit_w
    assert gpu.int8_tops >= gpu.fp16_tflops


def test_the_4090_laptop_decodes_as_measured_machines_of_its_memory_do() -> None:
    """llama.cpp decodes 7B in F16 with 44.2 tokens/s on an RTX 4080: the same die, 717 GB/s, so 35.5 at 576."""
    gpu = Gpu(load_preset("rtx-4090-laptop").hardware.require_gpu(), FP16)
    step = gpu.cost(forward_pass(load_model("llama2-7b"), 1, 512, FP16))
    assert 1 / step.seconds == pytest.approx(44.2 * 576 / 716.8, rel=0.1)


def test_a_second_gpu_can_be_another_of_the_same() -> None:
    hardware = load_preset("two-a100-40gb").hardware
    assert hardware.gpu2 == hardware.gpu
    assert set(hardware.gpus) == {"gpu", "gpu2"}


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (("npu",), "needs a host"),
        (("memory", "energy"), "'memory' is missing"),
    ],
)
def test_an_incomplete_machine_is_refused(without: tuple[str, ...], message: str, tmp_path: Path) -> None:
    import yaml

    document = load_preset("lpddr5").to_document()
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in document.items() if k not in without}), encoding="utf-8")
    with pytest.raises(AhasdError, match=message):
        load_preset(str(path))


def test_a_machine_without_what_is_asked_for_names_the_presets_that_have_it() -> None:
    with pytest.raises(AhasdError, match=r"has no GPU; choose .*rtx-4090-laptop"):
        load_preset("module-mac").hardware.require_gpu()
    with pytest.raises(AhasdError, match=r"has no second GPU; choose .*two-a100-40gb"):
        load_preset("rtx-4090-laptop").hardware.require_gpu("gpu2")
    with pytest.raises(AhasdError, match=r"has no NPU; choose .*lpddr5"):
        load_preset("rtx-4090-laptop").hardware.require_npu()
