"""What devices make of formats with scales: exact bytes, the arithmetic of the class, words in memory."""

from dataclasses import replace

import pytest

from ahasd.assignments import assign
from ahasd.errors import AhasdError
from ahasd.hardware.arithmetic import arithmetic_bits, operand_bits, stored_bits
from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.ggml_formats import GGML_FORMATS
from ahasd.workload.number_format import NumberFormat
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import INT8, Precision
from ahasd.workload.weight_formats import keep_all_as
from ahasd.workload.zoo import load_model

SPEC = load_model("opt-1.3b")
MODULE = load_preset("module-mac").hardware
RANKS = RankSet(MODULE.require_memory().channels, 0, 1)


def device(kind: str, fidelity: Fidelity, precision: Precision = INT8):
    if kind == "gpu":
        return build_gpu(load_preset("rtx-5090-laptop").hardware, "gpu", precision)
    if kind == "npu":
        return build_npu(MODULE, 2, precision, fidelity)
    return build_pim(MODULE, RANKS, True, precision, fidelity)


def seconds(kind: str, fidelity: Fidelity, kept: NumberFormat, tokens: int = 1) -> float:
    spec = keep_all_as(SPEC, kept.in_words if kind == "pim" else kept, "test")
    return device(kind, fidelity).cost(forward_pass(spec, tokens, 64, Precision())).seconds


EVERY = [(kind, fidelity) for kind in ("npu", "pim", "gpu") for fidelity in Fidelity]


@pytest.mark.parametrize(("kind", "fidelity"), EVERY)
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_a_format_without_scales_takes_the_time_of_its_width(
    kind: str, fidelity: Fidelity, bits: int
) -> None:
    plain = Precision(bits)
    expected = device(kind, fidelity, plain).cost(forward_pass(SPEC, 1, 64, plain)).seconds
    assert seconds(kind, fidelity, NumberFormat("plain", 2, bits // 4, 0, bits)) == pytest.approx(
        expected, rel=1e-6
    )


@pytest.mark.parametrize(("kind", "fidelity"), EVERY)
def test_a_pass_takes_longer_the_more_bits_a_weight_has(kind: str, fidelity: Fidelity) -> None:
    times = [seconds(kind, fidelity, GGML_FORMATS[name]) for name in ("q4_0", "q4_1", "q8_0", "f16")]
    assert times == sorted(times)
    assert len(set(times)) == 4


def test_a_stream_of_weights_takes_its_bytes_with_scales() -> None:
    gpu = device("gpu", Fidelity.DETAILED)
    operators = forward_pass(keep_all_as(SPEC, GGML_FORMATS["q4_0"], "test"), 1, 0, Precision()).operators
    product = next(operator for operator in operators if operator.name == "layer.up")
    matrix = SPEC.layers * SPEC.hidden_size * SPEC.feed_forward_size * 4.5 / 8
    biases = 2 * SPEC.layers * SPEC.feed_forward_size
    assert gpu.operator_cost(product).memory_seconds == (matrix + biases) / gpu.bytes_per_second


@pytest.mark.parametrize(("name", "words"), [("q4_0", 4), ("q6_k", 4), ("q8_0", 8), ("f16", 16), ("f32", 16)])
def test_arithmetic_is_that_of_the_class_whatever_the_run_says(name: str, words: int) -> None:
    precision = Precision(16, 8, 8)
    operators = forward_pass(keep_all_as(SPEC, GGML_FORMATS[name], "test"), 1, 0, precision).operators
    product = next(operator for operator in operators if operator.name == "layer.up")
    assert operand_bits(product, precision) == words
    assert arithmetic_bits(product, precision) == max(8, words)
    assert stored_bits(product, precision) == GGML_FORMATS[name].bits


@pytest.mark.parametrize("fidelity", list(Fidelity))
def test_memory_that_computes_holds_a_cache_in_words_only(fidelity: Fidelity) -> None:
    for name in ("f16", "q8_0", "q4_0"):
        kept = GGML_FORMATS[name]
        device("pim", fidelity, Precision(kv_bits=kept.word_bits, kv_format=kept))
    with pytest.raises(AhasdError, match="as q5_0: its units multiply words of 4, 8 or 16 bits"):
        device("pim", fidelity, Precision(kv_bits=4, kv_format=GGML_FORMATS["q5_0"]))


@pytest.mark.parametrize(("kind", "fidelity"), EVERY)
def test_scales_of_a_cache_take_time(kind: str, fidelity: Fidelity) -> None:
    spec = SPEC.model_copy(update={"maximum_positions": 5000, "learned_positions": 5002})

    def at(precision: Precision) -> float:
        return device(kind, fidelity, precision).cost(forward_pass(spec, 1, 4096, precision)).seconds

    plain, scaled = Precision(8, 8), Precision(8, 8, 8, GGML_FORMATS["q8_0"])
    assert at(scaled) < at(Precision(8, 16))
    # Units in memory that are busy multiplying do not notice the scales that lie between.
    assert at(plain) < at(scaled) * (1.001 if kind == "pim" else 1.0)


def test_tiles_of_either_kind_take_the_scales_with_them() -> None:
    product = next(
        operator
        for operator in forward_pass(keep_all_as(SPEC, GGML_FORMATS["q4_0"], "test"), 8, 0, INT8).operators
        if operator.name == "layer.up"
    )
    onnxim = build_npu(assign(MODULE, "npu.tiling", "onnxim"), 2, INT8, Fidelity.DETAILED)
    as_words = replace(product, weight_stored_bits=4.0)
    moved = [onnxim.operator_cost(one).cost.bus_bytes for one in (product, as_words)]
    assert moved[0] / moved[1] == pytest.approx(4.5 / 4)
    # A block so large that it fills the scratchpad with bare words does not fit with its scales.
    blocked = build_npu(assign(MODULE, "npu.scratchpad_mb", "0.2"), 2, INT8, Fidelity.DETAILED)
    wide = replace(product, rows=512, weight_stored_bits=32.0)
    narrow = replace(wide, weight_stored_bits=4.0)
    assert blocked.operator_cost(wide).cost.bus_bytes > blocked.operator_cost(narrow).cost.bus_bytes
