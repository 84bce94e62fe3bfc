"""What fits a device: sums, sizes, what is displaced, and what that costs."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.prediction.from_figures.memory_fit import PROGRAM_BYTES, memory_need, pass_with_displaced
from ahasd.prediction.from_figures.memory_plan import plan_memory
from ahasd.prediction.from_figures.model_figures import model_figures
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import step_figures, typical_peak

steady = settings(deadline=None, derandomize=True)
TARGET, DRAFT = model_figures("Qwen3-32B", "Q5_K_M"), model_figures("Qwen3-1.7B", "Q8_0")
CARD = Setting((find_device("RTX 3090"),), "cuda", TARGET, "draft-model", draft=DRAFT)


def test_a_need_is_the_sum_of_weights_caches_and_program() -> None:
    need = memory_need(CARD, "draft-model", 4096)
    assert TARGET.stored_bytes is not None
    assert DRAFT.stored_bytes is not None
    caches = TARGET.cache_bytes(4096) + DRAFT.cache_bytes(4096)
    assert need.total == pytest.approx(TARGET.stored_bytes + DRAFT.stored_bytes + caches + PROGRAM_BYTES)
    assert memory_need(CARD, "ngram", 4096).parts == memory_need(CARD, None, 4096).parts


@steady
@given(context=st.integers(1, 10**6), more=st.integers(1, 10**6))
def test_caches_grow_with_the_context_alone(context: int, more: int) -> None:
    short, long = (memory_need(CARD, None, tokens) for tokens in (context, context + more))
    assert long.total - short.total == pytest.approx(TARGET.cache_bytes(more))


def test_a_draft_that_does_not_fit_displaces_as_many_layers_as_its_bytes_take() -> None:
    found = plan_memory(CARD, ["draft-model", "ngram"], 4096, None)
    (fit,) = found.fits
    assert fit.alone
    assert not fit.drafting
    assert TARGET.stored_bytes is not None
    over = memory_need(CARD, "draft-model", 4096).total - fit.memory.usable
    layer = TARGET.stored_bytes / TARGET.layers
    assert (fit.displaced_layers - 1) * layer < over <= fit.displaced_layers * layer
    assert set(found.displaced) == {"draft-model"}


def test_displaced_layers_are_read_at_the_pace_of_a_cpu() -> None:
    step = step_figures(CARD).step(TARGET)
    assert step is not None
    assert TARGET.read_bytes is not None
    assert pass_with_displaced(CARD, step, 0) == 1
    every = pass_with_displaced(CARD, step, round(TARGET.layers))
    beyond = 1 / typical_peak("cpu") - step_figures(CARD).seconds_per_byte
    assert every == pytest.approx(1 + TARGET.read_bytes * beyond / step, rel=0.01)


def test_every_size_that_a_device_is_sold_with_is_held_against_the_need() -> None:
    phone = replace(
        CARD,
        devices=(find_device("Snapdragon 8 Gen 3"),),
        target=model_figures("Qwen3-8B", "Q4_K_M"),
        draft=model_figures("Qwen3-0.6B", "Q8_0"),
    )
    found = plan_memory(phone, ["draft-model"], 4096, None)
    assert [(fit.memory.sold, fit.alone, fit.drafting) for fit in found.fits] == [
        (8e9, False, False),
        (12e9, True, False),
        (16e9, True, True),
        (24e9, True, True),
    ]
    assert found.displaced == {}
    (chosen,) = plan_memory(phone, ["ngram"], 4096, 12e9).fits
    assert chosen.memory.sold == 12e9


def test_a_target_that_does_not_fit_and_a_plan_of_nothing_that_fits_are_refused_with_the_sum() -> None:
    with pytest.raises(AhasdError, match=r"target 23\.2 GB \+ its cache .* do not fit 16 GB"):
        plan_memory(CARD, ["ngram"], 4096, 16e9)
    with pytest.raises(AhasdError, match="layers of the target would go to the CPU or to disk"):
        plan_memory(CARD, ["draft-model"], 4096, None)


def test_a_device_of_unknown_memory_is_not_judged() -> None:
    unknown = replace(CARD, devices=(replace(CARD.devices[0], capacities=()),))
    found = plan_memory(unknown, ["draft-model"], 4096, None)
    assert (found.fits, found.displaced, found.counted) == ((), {}, None)
