"""Predictions from figures alone: closed forms, directions, and what they cannot know."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.prediction.from_figures.drafted_tokens import accepted_share, believable_length, drafted_tokens
from ahasd.prediction.from_figures.fitted import Fitted, fitted
from ahasd.prediction.from_figures.model_figures import model_figures, weight_bits
from ahasd.prediction.from_figures.platforms import PLATFORMS, platform_of
from ahasd.prediction.from_figures.round_cost import round_cost
from ahasd.prediction.from_figures.setting import METHODS, Setting
from ahasd.prediction.from_figures.speed_up import (
    SpeedUp,
    predict_from_pass,
    predict_speed_up,
    tokens_per_second_alone,
)
from ahasd.prediction.from_figures.target_alone import MEASURED_BYTES, MLX_TIME, step_figures
from ahasd.prediction.from_figures.textbook import textbook_speed_up

steady = settings(deadline=None, derandomize=True)

#: Nothing costs anything.
FREE = Fitted(
    row_slope=dict.fromkeys(PLATFORMS, 1e-12),
    byte_format_slope=1.0,
    draft_step_s=0.0,
    head_step_s=0.0,
    head_share=0.0,
    block_share=0.0,
    round_s=0.0,
    expert_share=0.0,
    expert_growth=1.0,
    likeliest_token=0.9,
    copy_share=1.0,
    skip_share=0.0,
    state_copy_s=0.0,
)
TARGET = model_figures("Qwen2.5-32B", "Q4_K_M")
SETTING = Setting(
    devices=matching_devices("RTX 3090"),
    platform="cuda",
    target=TARGET,
    method="mtp",
    acceptance=0.7,
    draft_length=3,
)


def predicted(setting: Setting) -> SpeedUp:
    found = predict_speed_up(setting)
    assert found is not None
    return found


@pytest.mark.parametrize("method", [method for method in METHODS if method != "draft-model"])
def test_what_costs_nothing_is_faster_by_the_tokens_of_a_pass(method: str) -> None:
    cost = round_cost(replace(SETTING, method=method), FREE)
    assert cost is not None
    assert cost.speed_up == pytest.approx(1 + 0.7 * 3)


def test_a_draft_that_is_the_target_costs_a_pass_a_token() -> None:
    cost = round_cost(replace(SETTING, method="draft-model", draft=TARGET), FREE)
    assert cost is not None
    assert cost.total == pytest.approx(1 + 3)


@pytest.mark.parametrize("name", ["RTX 5090", "Apple M2 Ultra (76-core GPU)", "A100 80GB"])
def test_the_model_that_a_bandwidth_was_measured_with_takes_the_time_that_it_took(name: str) -> None:
    (device,) = matching_devices(name)
    platform = platform_of(name, "llama.cpp")
    llama = replace(model_figures("Llama-2-7B", parameters=8e9, stored_bytes=MEASURED_BYTES))
    setting = Setting((device,), platform, llama, "ngram")
    assert llama.layers == pytest.approx(32)
    step = step_figures(setting).step(llama)
    assert device.achieved_bandwidth is not None
    assert step == pytest.approx(MEASURED_BYTES / device.achieved_bandwidth)


def test_larger_models_come_nearer_to_the_peak() -> None:
    (device,) = matching_devices("RTX 5090")
    rates = []
    for parameters in (1e9, 7e9, 70e9):
        model = model_figures("model", "Q4_K_M", parameters)
        step = step_figures(replace(SETTING, devices=(device,))).step(model)
        assert model.read_bytes is not None
        assert step is not None
        rates.append(model.read_bytes / step)
    assert device.peak_bandwidth is not None
    assert rates == sorted(rates)
    assert rates[-1] < device.peak_bandwidth


@steady
@given(
    acceptance=st.floats(0.05, 0.65),
    more=st.floats(0.01, 0.1),
    method=st.sampled_from(METHODS),
    platform=st.sampled_from(PLATFORMS),
    length=st.integers(1, 3),
)
def test_more_acceptance_is_never_slower(
    acceptance: float, more: float, method: str, platform: str, length: int
) -> None:
    # Below what means that drafts stop early.
    assert acceptance + more < accepted_share(fitted().likeliest_token, length)
    setting = replace(SETTING, method=method, platform=platform, draft_length=length, acceptance=acceptance)
    assert predicted(replace(setting, acceptance=acceptance + more)).mean >= predicted(setting).mean


@steady
@given(tokens=st.floats(1.0, 8.0), length=st.integers(1, 16), method=st.sampled_from(METHODS))
def test_intervals_hold_their_mean_and_a_round_costs_at_least_a_pass(
    tokens: float, length: int, method: str
) -> None:
    setting = replace(SETTING, method=method, acceptance=None, tokens_per_pass=tokens, draft_length=length)
    found = predicted(setting)
    assert 0 < found.low < found.mean < found.high
    assert found.cost.total >= 1


def test_a_mixture_gains_less_than_a_dense_model_of_its_active_size() -> None:
    mixture = replace(SETTING, target=model_figures("Qwen3.6-35B-A3B", "Q4_K_M"))
    dense = replace(mixture, target=replace(mixture.target, mixture=False))
    assert predicted(mixture).mean < 0.95 * predicted(dense).mean


def test_a_machine_with_less_arithmetic_for_its_bandwidth_gains_less() -> None:
    (card,) = matching_devices("RTX 3090")
    weak = replace(card, vector_rate=card.vector_rate / 3)  # type: ignore[operator]
    assert predicted(replace(SETTING, devices=(weak,))).mean < predicted(SETTING).mean


def test_formats_of_eight_bits_have_less_to_unpack_on_metal_only() -> None:
    eight = replace(TARGET, weight_bits=8.5)
    for platform, ratio in (("metal", fitted().byte_format_slope), ("mlx", 1.0)):
        costs = [
            predicted(replace(SETTING, platform=platform, target=target)).cost.verify - 1
            for target in (TARGET, eight)
        ]
        assert costs[1] == pytest.approx(ratio * costs[0])


def test_processors_that_share_each_layer_are_faster_and_those_that_take_turns_are_not() -> None:
    alone, turns, shared = (
        tokens_per_second_alone(replace(SETTING, processors=processors, joint=joint))
        for processors, joint in ((1, False), (4, False), (4, True))
    )
    assert alone == turns
    assert shared is not None
    assert alone is not None
    assert 1 < shared / alone < 4


def test_a_host_that_launches_each_operator_sets_the_pace_of_small_models() -> None:
    """AMUSD's log (A100, half precision): 22.1 ms for an 8B, 11.5 ms for a 1B, tokens aside."""
    setting = replace(SETTING, devices=matching_devices("A100"), platform="eager")
    large, small = model_figures("Llama-3.1-8B", "fp16"), model_figures("Llama-3.2-1B", "fp16", 1.0e9)
    assert step_figures(setting).step(large) == pytest.approx(22.1e-3, rel=0.05)
    assert step_figures(setting).step(small) == pytest.approx(
        25 * 0.7e-3, rel=0.2
    )  # a 1B has some 25 layers by size
    server = replace(setting, platform="pytorch")
    assert step_figures(server).step(large) < 0.7 * 22.1e-3  # type: ignore[operator]


def test_mlx_takes_less_time_for_a_step_than_the_program_that_bandwidths_were_measured_with() -> None:
    (chip,) = matching_devices("Apple M4 Max (40-core GPU)")
    metal, mlx = (
        tokens_per_second_alone(replace(SETTING, devices=(chip,), platform=platform))
        for platform in ("metal", "mlx")
    )
    assert metal is not None
    assert mlx == pytest.approx(metal / MLX_TIME)


def test_a_head_of_more_bits_than_its_target_reads_more() -> None:
    head = model_figures("head", "bf16")
    same = predicted(SETTING).cost.draft
    assert same < predicted(replace(SETTING, draft=head)).cost.draft < 4 * same


def test_slopes_are_not_carried_far_beyond_the_machines_that_were_seen() -> None:
    (card,) = matching_devices("RTX 3090")
    costs = []
    for rate in (1e9, 1e10, 1e16, 1e17):
        found = predicted(replace(SETTING, devices=(replace(card, vector_rate=rate),)))
        costs.append(found.cost.verify - 1)
    assert costs[0] == costs[1]
    assert costs[2] == costs[3]
    assert costs[0] == pytest.approx(4 * costs[2])


def test_a_device_without_any_bandwidth_is_a_typical_one_of_its_kind() -> None:
    """A laptop is none of a card's speed, and its balance is not known."""
    (laptop,) = matching_devices("Radeon 890M")
    assert laptop.peak_bandwidth is None
    setting = replace(SETTING, devices=(laptop,), platform="hip")
    cost = predicted(setting).cost
    assert cost.step_s > 0.15
    assert cost.verify == pytest.approx(1 + 3 * fitted().row_slope["hip"])
    assert step_figures(replace(setting, peak_bandwidth=60e9)).step(TARGET) > cost.step_s  # type: ignore[operator]


def test_steps_of_a_draft_weigh_more_on_a_fast_target() -> None:
    draft = model_figures("Qwen2.5-0.5B", "Q8_0")
    large = replace(SETTING, method="draft-model", draft=draft)
    small = replace(large, target=model_figures("Qwen2.5-7B", "Q4_K_M"))
    assert predicted(small).mean < 0.8 * predicted(large).mean


def test_a_recurrent_target_pays_for_saving_its_state_only_with_a_draft_of_its_own() -> None:
    draft = model_figures("Qwen3.5-0.8B", "Q8_0")
    plain = replace(SETTING, method="draft-model", draft=draft)
    recurrent = replace(plain, target=replace(TARGET, recurrent=True))
    assert predicted(plain).mean - predicted(recurrent).mean > 0.3
    assert (
        predicted(replace(recurrent, platform="mlx")).mean == predicted(replace(plain, platform="mlx")).mean
    )


@steady
@given(chance=st.floats(0.1, 0.95), length=st.floats(1, 16))
def test_the_believable_length_is_where_a_likely_token_gives_the_acceptance(
    chance: float, length: float
) -> None:
    share = accepted_share(0.9, length)
    assert believable_length(share, length * 2, 0.9) == pytest.approx(length, rel=1e-6)
    assert believable_length(share * chance, length, 0.9) == length


def test_reported_acceptance_is_of_drafted_tokens() -> None:
    tokens = drafted_tokens(SETTING, 0.9)
    assert tokens is not None
    assert tokens.emitted == pytest.approx(1 + 0.7 * 3)
    both = drafted_tokens(replace(SETTING, tokens_per_pass=2.4, draft_length=None), 0.9)
    assert both is not None
    assert both.drafted == pytest.approx(2)


def test_nothing_is_predicted_without_acceptance_and_tokens() -> None:
    unknown = replace(SETTING, acceptance=None)
    assert predict_speed_up(unknown) is None
    assert textbook_speed_up(unknown) is None
    assert predict_from_pass(unknown, 1.5, whole_round=True) is None
    assert predict_speed_up(replace(unknown, method="ngram")) is not None


def test_the_textbook_is_the_formula() -> None:
    draft = replace(
        TARGET,
        parameters=TARGET.parameters / 10,
        active=TARGET.active / 10,
        stored_bytes=TARGET.stored_bytes / 10,
    )  # type: ignore[operator]
    setting = replace(SETTING, method="draft-model", draft=draft, acceptance=0.5, draft_length=2)
    assert textbook_speed_up(setting) == pytest.approx((1 + 0.5 + 0.25) / (1 + 2 * 0.1))
    assert textbook_speed_up(replace(setting, acceptance=1.0)) == pytest.approx(3 / 1.2)


def test_a_measured_round_leaves_nothing_to_predict() -> None:
    found = predict_from_pass(SETTING, 1.5, whole_round=True)
    assert found is not None
    assert found.mean == pytest.approx((1 + 0.7 * 3) / 1.5)
    apart = predict_from_pass(SETTING, 1.5, whole_round=False, draft=0.25)
    assert apart is not None
    assert apart.cost.total == pytest.approx(1.75 + fitted().round_s / apart.cost.step_s)


def test_weights_that_nearly_fill_the_memory_widen_the_interval_downwards_only() -> None:
    assert TARGET.stored_bytes is not None
    roomy = predicted(replace(SETTING, memory=2 * TARGET.stored_bytes))
    full = predicted(replace(SETTING, memory=1.05 * TARGET.stored_bytes))
    assert full.low < 0.8 * roomy.low
    assert full.high == roomy.high


def test_an_answer_is_given_only_where_the_interval_leaves_one() -> None:
    found = predicted(SETTING)
    assert replace(found, low=1.1).pays == "yes"
    assert replace(found, low=0.9, high=1.1).pays == "measure"
    assert replace(found, low=0.5, high=0.9).pays == "no"


def test_an_unknown_device_has_no_speed_of_its_own() -> None:
    assert tokens_per_second_alone(replace(SETTING, devices=())) is None
    assert tokens_per_second_alone(SETTING) is not None


@pytest.mark.parametrize(
    ("name", "total", "active"),
    [
        ("Qwen3.6-35B-A3B", 35, 3),
        ("Gemma-4-E2B", 2.3, 2.3),
        ("Llama-3.1-8B", 8, 8),
        ("gpt-oss-20b", 20.9, 3.6),
    ],
)
def test_names_say_sizes(name: str, total: float, active: float) -> None:
    found = model_figures(name)
    assert found.parameters == pytest.approx(total * 1e9)
    assert found.active == pytest.approx(active * 1e9)
    assert found.mixture == (active < total)


def test_a_mixture_reads_only_its_active_share() -> None:
    found = model_figures("Qwen3.6-35B-A3B", stored_bytes=35e9)
    assert found.read_bytes == pytest.approx(3e9)


@pytest.mark.parametrize(
    ("format_", "bits"),
    [
        ("UD-Q4_K_XL", 5.2),
        ("Q4_K_M", 5.0),
        ("4bit", 4.6),
        ("bf16", 16),
        ("NVFP4", 4.6),
        ("", 4.8),
        ("Q8_0", 8.5),
    ],
)
def test_formats_say_bits(format_: str, bits: float) -> None:
    assert weight_bits(format_) == bits


@pytest.mark.parametrize(
    ("device", "runtime", "platform"),
    [
        ("RTX 4090", "llama.cpp", "cuda"),
        ("RTX 4090, Ryzen 9", "llama.cpp", "cuda"),
        ("RTX 5060 Ti [vulkan]", "llama.cpp", "vulkan"),
        ("RX 7900 XTX", "llama.cpp", "hip"),
        ("M2 Ultra", "llama.cpp", "metal"),
        ("M2 Ultra", "mlx-lm", "mlx"),
        ("A100", "vLLM", "pytorch"),
        ("A100", "Hugging Face transformers", "eager"),
        ("Snapdragon 8 Elite (CPU)", "own", "cpu"),
        ("ATOM+ NPU", "optimum-rbln", "npu"),
    ],
)
def test_devices_and_programs_mean_a_platform(device: str, runtime: str, platform: str) -> None:
    assert platform_of(device, runtime) == platform
