"""A prompt's scores stay in the NPU's scratchpad, and refreshes fall on short products as often as on long ones."""

from dataclasses import replace

import pytest

from ahasd.hardware.build_devices import build_npu
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.npu.npu import Npu
from ahasd.hardware.pim.command_pim import CommandPim
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.pair import load_pair
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision

INT8 = Precision(8, 8)
SPEC = load_pair("llama2-7b:llama2-13b").draft
HARDWARE = load_preset("module-mac").hardware


def unfused() -> Hardware:
    return HARDWARE.model_copy(update={"npu": HARDWARE.npu.model_copy(update={"fused_attention": False})})


def attention(tokens: int) -> list[Operator]:
    return [
        operator for operator in forward_pass(SPEC, tokens, 0, INT8).operators if operator.within_attention
    ]


def attention_bytes(npu: Npu, tokens: int) -> float:
    return sum(npu.operator_cost(operator).cost.bus_bytes for operator in attention(tokens))


@pytest.mark.parametrize("fidelity", list(Fidelity))
def test_the_bus_traffic_of_a_fused_prompt_grows_with_its_length_not_with_its_square(
    fidelity: Fidelity,
) -> None:
    npu = build_npu(HARDWARE, 4, INT8, fidelity)
    short, long = (attention_bytes(npu, tokens) for tokens in (1024, 4096))
    assert long == pytest.approx(4 * short, rel=0.02)
    plain = build_npu(unfused(), 4, INT8, fidelity)
    assert attention_bytes(plain, 4096) > 8 * attention_bytes(plain, 1024)


def test_fused_products_read_the_cache_and_the_queries_once() -> None:
    """Blocks of 4096 queries of 128 bytes and their sums are 2.6 MB: one block fits the scratchpad."""
    npu = build_npu(HARDWARE, 4, INT8, Fidelity.DETAILED)
    for operator in attention(4096):
        cost = npu.operator_cost(operator).cost
        if operator.kind is OperatorKind.SCORE:
            assert cost.bus_bytes == operator.kv_read_bytes + operator.input_bytes
        elif operator.kind is OperatorKind.CONTEXT:
            assert cost.bus_bytes == operator.kv_read_bytes + operator.output_bytes
        else:
            assert cost.bus_bytes == 0


def test_fused_products_take_the_array_as_long_as_their_causal_macs_do() -> None:
    npu = build_npu(HARDWARE, 4, INT8, Fidelity.DETAILED)
    (score,) = [operator for operator in attention(4096) if operator.kind is OperatorKind.SCORE]
    macs_per_second = HARDWARE.npu.chips * 128 * 128 * 1e9
    assert npu.operator_cost(score).compute_seconds == pytest.approx(score.macs / macs_per_second, rel=0.03)


def test_decoding_is_not_touched() -> None:
    fused, plain = (build_npu(hardware, 4, INT8, Fidelity.DETAILED) for hardware in (HARDWARE, unfused()))
    step = forward_pass(SPEC, 4, 512, INT8)
    assert fused.cost(step) == plain.cost(step)


def test_products_shorter_than_the_refresh_interval_are_refreshed_as_often_as_long_ones() -> None:
    """The share that refresh adds is the same, give or take the rows that it closes."""
    timing, ranks = load_timing_set("ahasd").timing, RankSet(4, 0, 1)
    refreshed = CommandPim(HARDWARE, ranks, True, timing, INT8)
    quiet = CommandPim(HARDWARE, ranks, True, replace(timing, tREFI=1 << 50), INT8)
    shares = []
    for outputs in (128, 16384):
        operator = Operator("x", OperatorKind.MATMUL, 1, 256, outputs, 1, 1, macs=256 * outputs)
        seconds = [pim.operator_cost(operator).cost.seconds for pim in (refreshed, quiet)]
        shares.append(seconds[0] / seconds[1] - 1)
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    assert shares[0] > 0.05
