"""The option to cut products as ONNXim does: the validated core with a preset's constants, and its limits."""

from math import ceil

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.onnxim_npu import OnnximNpu
from ahasd.hardware.npu.systolic import MemoryPort, NpuConfig, TileRounding, gemm
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, matmul
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import INT8, Precision
from ahasd.workload.zoo import load_model

BLOCKED = load_preset("module-mac").hardware
ONNXIM = assign(BLOCKED, "npu.tiling", "onnxim")
FIRST_ACCESS_S = 40e-9


def npu(hardware: Hardware = ONNXIM, precision: Precision = INT8) -> OnnximNpu:
    return OnnximNpu(hardware, 4, precision, 12e9, FIRST_ACCESS_S)


def product(rows: int, precision: Precision = INT8) -> Operator:
    return matmul(LinearLayer("product", 4096, 11008), rows, precision)


def core(bits: int) -> NpuConfig:
    section = ONNXIM.require_npu()
    return NpuConfig(
        128,
        128,
        int(section.scratchpad_mb * 1e6),
        int(section.accumulator_mb * 1e6),
        element_bytes=max(1, bits // 8),
        cores=section.chips,
        tile_rounding=TileRounding.UP,
    )


@pytest.mark.parametrize("rows", [1, 5, 128, 1000])
def test_a_product_costs_what_the_validated_core_takes(rows: int) -> None:
    expected = gemm(core(8), MemoryPort(48.0, 40.0), rows, 11008, 4096)
    cost = npu().operator_cost(product(rows))
    assert cost.cost.seconds == pytest.approx(expected.cycles * 1e-9, rel=1e-12)
    assert cost.cost.bus_bytes == 32 * (expected.dram_reads + expected.dram_writes)


def test_16_bit_words_slow_the_array_and_not_the_memory() -> None:
    wide = Precision(weight_bits=16)
    cost = npu(precision=wide).operator_cost(product(1000, wide))
    # Half the clock: twice the bytes of memory in a cycle, half the cycles of latency.
    expected = gemm(core(16), MemoryPort(96.0, 20.0), 1000, 11008, 4096)
    assert cost.cost.seconds == pytest.approx(expected.cycles / 0.5e9, rel=1e-12)


def test_heads_are_dealt_to_chips_whole() -> None:
    spec = load_model("llama2-7b")
    (score,) = [o for o in forward_pass(spec, 1, 512, INT8).operators if o.name == "layer.score"]
    one_chip = gemm(
        NpuConfig(128, 128, 8_000_000, 1_000_000, element_bytes=1, tile_rounding=TileRounding.UP),
        MemoryPort(24.0, 40.0),
        score.rows,
        score.outputs,
        score.inputs,
    )
    turns = spec.layers * ceil(spec.heads / 2)
    assert npu().operator_cost(score).cost.seconds == pytest.approx(turns * one_chip.cycles * 1e-9, rel=1e-12)


def test_the_preset_chooses_the_tiles_and_blocks_move_less() -> None:
    graph = forward_pass(load_model("llama2-7b"), 2048, 0, INT8)
    onnxim, blocked = (build_npu(hardware, 4, INT8, Fidelity.DETAILED) for hardware in (ONNXIM, BLOCKED))
    assert isinstance(onnxim, OnnximNpu)
    assert not isinstance(blocked, OnnximNpu)
    reloading, reusing = onnxim.cost(graph), blocked.cost(graph)
    assert reusing.bus_bytes < reloading.bus_bytes / 3
    assert reusing.seconds < reloading.seconds / 3


def test_arrays_that_its_rule_does_not_know_run_in_blocks() -> None:
    graph = forward_pass(load_model("opt-1.3b"), 3, 100, INT8)
    for array_rows, array_columns in ((64, 256), (100, 30), (1, 1)):
        hardware = assign(BLOCKED, "npu.array_rows", str(array_rows))
        hardware = assign(hardware, "npu.array_columns", str(array_columns))
        assert build_npu(hardware, 4, INT8, Fidelity.DETAILED).cost(graph).seconds > 0
        if array_rows != array_columns:
            with pytest.raises(AhasdError, match=r"--set npu\.tiling=blocked"):
                build_npu(assign(hardware, "npu.tiling", "onnxim"), 4, INT8, Fidelity.DETAILED)
