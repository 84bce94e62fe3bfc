"""Reading the prompt on the NPU or in memory."""

import pytest

from ahasd.hardware.build_devices import build_npu, build_pim
from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.placement.prefill import PromptReader, prefill_cost
from ahasd.hardware.preset.preset import load_preset
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

INT8 = Precision()
HARDWARE = load_preset("module-mac").hardware
NPU = build_npu(HARDWARE, 4, INT8, Fidelity.FIRST_ORDER)
DRAFT, TARGET = load_model("llama2-7b"), load_model("llama2-13b")
#: Products of LLaMA2-7B without the head.
WEIGHTS = 32 * (4 * 4096**2 + 3 * 4096 * 11008)


def joules(cost: StepCost, component: str) -> float:
    return cost.energy_j[DYNAMIC_COMPONENTS.index(component)]


def plain(tokens: int = 127) -> StepCost:
    return prefill_cost([PromptReader(DRAFT, NPU, pim_layout=False)], tokens, INT8, HARDWARE)


def test_a_model_that_never_computes_in_memory_is_streamed_as_it_lies() -> None:
    assert plain() == NPU.cost(forward_pass(DRAFT, 127, 0, INT8, logits=0))
    assert plain() == prefill_cost([PromptReader(DRAFT, NPU, False)], 127, INT8, HARDWARE, "copy")


def test_who_knows_the_layout_pays_for_one_more_pass_through_the_scratchpad() -> None:
    mapped = prefill_cost([PromptReader(DRAFT, NPU, pim_layout=True)], 127, INT8, HARDWARE, "mapped")
    assert (mapped.seconds, mapped.bus_bytes) == (plain().seconds, plain().bus_bytes)
    assert mapped.joules - plain().joules == pytest.approx(2 * WEIGHTS * 1e-12)


def test_who_does_not_copies_every_weight_over_the_bus_and_back() -> None:
    copied = prefill_cost([PromptReader(DRAFT, NPU, pim_layout=True)], 127, INT8, HARDWARE, "copy")
    assert copied.bus_bytes - plain().bus_bytes == 2 * WEIGHTS
    assert copied.seconds - plain().seconds == pytest.approx(2 * WEIGHTS / (51.2e9 * 0.92))
    assert joules(copied, "dram_offchip") - joules(plain(), "dram_offchip") == pytest.approx(
        2 * WEIGHTS * 8 * 4e-12
    )


def test_models_read_their_prompts_one_after_the_other() -> None:
    readers = [PromptReader(TARGET, NPU, False), PromptReader(DRAFT, NPU, True)]
    both = prefill_cost(readers, 127, INT8, HARDWARE)
    apart = [prefill_cost([reader], 127, INT8, HARDWARE) for reader in readers]
    assert both.seconds == pytest.approx(sum(cost.seconds for cost in apart))
    assert both.joules == pytest.approx(sum(cost.joules for cost in apart))


def test_nothing_is_read_before_the_last_token_of_a_prompt_of_one() -> None:
    assert prefill_cost([PromptReader(DRAFT, NPU, True)], 0, INT8, HARDWARE, "copy") == NO_COST


def test_in_memory_every_token_reads_the_weights_again() -> None:
    pim = build_pim(HARDWARE, RankSet(4, 1, 3), True, INT8, Fidelity.FIRST_ORDER)
    reading = prefill_cost([PromptReader(DRAFT, pim, True)], 127, INT8, HARDWARE, "copy")
    assert reading == pim.cost(forward_pass(DRAFT, 127, 0, INT8, logits=0))  # the layout is its own
    assert reading.array_bytes > 127 * WEIGHTS
    assert reading.seconds > 127 * WEIGHTS / 76.8e9


@pytest.mark.parametrize("preset", ["module-op", "module-mac", "rank-compute", "rank-both"])
def test_the_npu_reads_a_prompt_faster_whatever_the_reading(preset: str) -> None:
    """What the default rests on: even copying first, it beats a product with a vector for every token."""
    hardware = load_preset(preset).hardware
    npu = build_npu(hardware, 4, INT8, Fidelity.DETAILED)
    pim = build_pim(hardware, RankSet(4, 1, 3), True, INT8, Fidelity.DETAILED)
    mapped, copied = (
        prefill_cost([PromptReader(DRAFT, npu, True)], 31, INT8, hardware, reading).seconds
        for reading in ("mapped", "copy")
    )
    assert 2 * mapped < copied < prefill_cost([PromptReader(DRAFT, pim, True)], 31, INT8, hardware).seconds
