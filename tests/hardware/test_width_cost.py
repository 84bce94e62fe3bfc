"""What several rows cost: the object by itself, on every backend, and inside a GPU."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.cost import Bound
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.gpu.width.backends import Backend, width_cost
from ahasd.hardware.gpu.width.width_cost import WidthCost
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.preset import load_preset, preset_from_document
from ahasd.hardware.preset.sections import GpuSection
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import OperatorKind, matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

BACKENDS = get_args(Backend)
PRECISIONS = {bits: Precision(bits, 16) for bits in (4, 8, 16)}
LAPTOP = load_preset("rtx-4090-laptop").hardware.require_gpu()
GPU_PRESETS = ("rtx-4090-laptop", "rtx-5090-laptop", "jetson-agx-orin", "two-a100-40gb", "specpim-hbm")


def on(backend: str) -> GpuSection:
    return LAPTOP.model_copy(update={"backend": backend})


def test_rows_add_up_in_the_vector_kernel_and_a_matrix_kernel_costs_one_step() -> None:
    cost = WidthCost(slope=0.1, vector_rows=4, wide=2.0)
    assert [cost.relative(rows) for rows in (1, 2, 4, 5, 500)] == pytest.approx([1.0, 1.1, 1.3, 2.0, 2.0])


def test_a_matrix_kernel_is_never_cheaper_than_the_widest_vector_pass() -> None:
    assert WidthCost(slope=0.5, vector_rows=4, wide=1.2).relative(5) == 2.5


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bits", PRECISIONS)
def test_on_every_backend_one_row_is_the_unit_and_more_are_never_cheaper(backend: Backend, bits: int) -> None:
    relative = [width_cost(backend, bits).relative(rows) for rows in range(1, 40)]
    assert relative[0] == 1.0
    assert relative == sorted(relative)
    assert (relative[-1] > 1.0) == (backend != "ideal-tensor-cores")


@pytest.mark.parametrize(
    ("backend", "bits", "rows"),
    [
        *[("llama.cpp-cuda", 8, 8), ("llama.cpp-cublas", 4, 8), ("llama.cpp-metal", 4, 8), ("mlx", 4, 9)],
        *[("llama.cpp-vulkan", 4, 8), ("llama.cpp-cuda", 16, 1), ("pytorch", 16, 1)],
    ],
)
def test_kernels_switch_where_their_code_says(backend: Backend, bits: int, rows: int) -> None:
    assert width_cost(backend, bits).vector_rows == rows


def test_a_product_takes_the_relative_cost_times_its_stream_of_weights() -> None:
    product, gpu = LinearLayer("up", 4096, 4096), Gpu(on("llama.cpp-cuda"), PRECISIONS[4])
    stream = 4096 * 4096 / 2 / gpu.bytes_per_second
    for rows in (1, 2, 5, 8, 9):
        cost = gpu.operator_cost(matmul(product, rows, PRECISIONS[4]))
        relative = width_cost("llama.cpp-cuda", 4).relative(rows)
        assert cost.cost.seconds - cost.launch_seconds == pytest.approx(stream * relative)
        assert cost.memory_seconds == pytest.approx(stream), (
            "the weights are read once however many rows there are"
        )
        # The board works for all of it.
        watts = LAPTOP.limit_w - LAPTOP.idle_w
        assert cost.cost.joules == pytest.approx(stream * relative * watts)


def test_what_is_not_hidden_counts_as_compute_and_can_be_the_largest_part() -> None:
    product, gpu = LinearLayer("up", 4096, 4096), Gpu(on("llama.cpp-cublas"), PRECISIONS[8])
    narrow, wide = (gpu.operator_cost(matmul(product, rows, PRECISIONS[8])) for rows in (8, 9))
    assert (narrow.bound, wide.bound) == (Bound.MEMORY, Bound.COMPUTE)
    assert wide.compute_seconds == pytest.approx(2.9 * wide.memory_seconds)


def test_a_prompt_is_still_bound_by_the_tensor_cores() -> None:
    product = LinearLayer("up", 4096, 4096)
    costs = [
        Gpu(on(backend), PRECISIONS[8]).operator_cost(matmul(product, 4096, PRECISIONS[8]))
        for backend in ("ideal-tensor-cores", "llama.cpp-cuda")
    ]
    assert costs[0] == costs[1]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    backend=st.sampled_from(BACKENDS),
    bits=st.sampled_from(sorted(PRECISIONS)),
    width=st.integers(1, 40),
    context=st.integers(0, 3000),
    graphs=st.booleans(),
    offloaded=st.sampled_from([0.0, 0.3]),
)
def test_a_wider_pass_is_never_cheaper_and_no_backend_beats_the_ideal(
    backend: str, bits: int, width: int, context: int, graphs: bool, offloaded: float
) -> None:
    section = on(backend).model_copy(update={"graphs": graphs})
    gpu = Gpu(section, PRECISIONS[bits], offloaded_share=offloaded)
    ideal = Gpu(
        section.model_copy(update={"backend": "ideal-tensor-cores"}), PRECISIONS[bits], "gpu", offloaded
    )
    spec = load_model("opt-1.3b")
    passes = [forward_pass(spec, rows, context, PRECISIONS[bits]) for rows in (width, width + 1)]
    narrow, wide = (gpu.cost(each) for each in passes)
    assert narrow.seconds <= wide.seconds
    assert narrow.joules <= wide.joules
    assert ideal.cost(passes[1]).seconds <= wide.seconds


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bits", PRECISIONS)
def test_one_token_costs_the_same_on_every_backend_byte_for_byte(backend: str, bits: int) -> None:
    one = forward_pass(load_model("opt-1.3b"), 1, 700, PRECISIONS[bits])
    ideal = Gpu(on("ideal-tensor-cores"), PRECISIONS[bits])
    assert Gpu(on(backend), PRECISIONS[bits]).breakdown(one) == ideal.breakdown(one)


def test_only_products_with_weight_matrices_depend_on_the_backend() -> None:
    graph = forward_pass(load_model("opt-1.3b"), 6, 700, PRECISIONS[8])
    mlx, ideal = (Gpu(on(name), PRECISIONS[8]).breakdown(graph) for name in ("mlx", "ideal-tensor-cores"))
    differing = {a.operator.kind for a, b in zip(mlx, ideal, strict=True) if a != b}
    assert differing == {OperatorKind.MATMUL}


@pytest.mark.parametrize("name", GPU_PRESETS)
def test_presets_name_their_backend_and_say_how_far_off_it_is(name: str) -> None:
    preset = load_preset(name)
    gpu = preset.hardware.require_gpu()
    assert gpu.backend == ("pytorch" if "a100" in name or "specpim" in name else "llama.cpp-cuda")
    if name != "specpim-hbm":
        source = preset.sources["gpu.backend"]
        for bits in (8, 16):
            error = width_cost(gpu.backend, bits).error
            assert error is None or f"{error:.0%}".replace("%", " %") in source


def test_a_backend_can_be_set_and_an_unknown_one_is_refused_with_the_list() -> None:
    preset = load_preset("jetson-agx-orin")
    assert override(preset, ["gpu.backend=mlx"]).hardware.require_gpu().backend == "mlx"
    with pytest.raises(AhasdError, match=r"gpu\.backend.*llama\.cpp-metal"):
        override(preset, ["gpu.backend=llama.cpp"])


def test_what_earlier_versions_wrote_costs_what_it_cost() -> None:
    document = load_preset("rtx-4090-laptop").to_document()
    del document["gpu"]["backend"]
    assert preset_from_document(document).hardware.require_gpu().backend == "ideal-tensor-cores"
