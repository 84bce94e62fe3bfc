"""What a plan says beside speed-ups: joules, fewer bits, methods at hand."""

from dataclasses import replace

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.devices.find_device import find_device
from ahasd.prediction.from_figures.energy_bound import energy_bound, power_limit
from ahasd.prediction.from_figures.methods_here import check_methods, methods_at_hand, methods_if_trained
from ahasd.prediction.from_figures.model_figures import model_figures
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.smaller_format import smaller_format
from ahasd.prediction.from_figures.target_alone import step_figures

SETTING = Setting((find_device("RTX 3090"),), "cuda", model_figures("Qwen2.5-14B", "Q4_K_M"), "ngram")


@pytest.mark.parametrize(
    ("device", "watts", "measured"),
    [
        ("RTX 3090", 350, False),
        ("Jetson AGX Orin 64GB", 60, False),
        ("Raspberry Pi 5", 13, True),
        ("Rebellions ATOM+", 69, True),
    ],
)
def test_power_is_the_upper_end_of_what_the_table_says(device: str, watts: float, measured: bool) -> None:
    found = power_limit(find_device(device))
    assert found is not None
    assert (found.watts, found.measured) == (watts, measured)


def test_joules_are_power_over_speed_and_unknown_without_power() -> None:
    found = energy_bound(find_device("RTX 3090"), 40.0, 1.6)
    assert found is not None
    assert found.alone == 350 / 40
    assert found.drafting == pytest.approx(found.alone / 1.6)
    assert energy_bound(find_device("Apple M1 (8-core GPU)"), 40.0, 1.6) is None


@pytest.mark.parametrize(
    ("format_", "platform", "name"),
    [
        ("bf16", "cuda", "Q8_0"),
        ("Q8_0", "cuda", "Q4_K_M"),
        ("Q4_K_M", "mlx", "3bit"),
        ("Q5_K_M", "cuda", "Q4_K_M"),
    ],
)
def test_the_next_narrower_format_is_faster_by_its_bytes(format_: str, platform: str, name: str) -> None:
    setting = replace(SETTING, platform=platform, target=model_figures("Qwen2.5-14B", format_))
    found = smaller_format(setting)
    assert found is not None
    assert found.name == name
    fixed = step_figures(setting).step(replace(setting.target, stored_bytes=0.0))
    own, less = setting.target.stored_bytes, found.stored_bytes
    assert fixed is not None
    assert own is not None
    per_byte = step_figures(setting).seconds_per_byte
    assert found.speed_up == pytest.approx((own * per_byte + fixed) / (less * per_byte + fixed))


def test_below_the_narrowest_format_there_is_none() -> None:
    assert smaller_format(replace(SETTING, target=model_figures("Qwen2.5-14B", "iq2"))) is None


def test_methods_at_hand_are_those_that_need_nothing_else() -> None:
    drafted = replace(SETTING, draft=model_figures("Qwen2.5-0.5B", "Q8_0"))
    predicting = replace(SETTING, target=model_figures("GLM-4.5-Air", "Q4_K_M"))
    assert methods_at_hand(SETTING) == ("ngram",)
    assert methods_at_hand(drafted) == ("draft-model", "ngram")
    assert methods_at_hand(predicting) == ("mtp", "ngram")
    assert set(methods_if_trained(SETTING)).isdisjoint(methods_at_hand(drafted))


def test_methods_that_lack_or_leave_out_the_draft_are_refused() -> None:
    drafted = replace(SETTING, draft=model_figures("Qwen2.5-0.5B", "Q8_0"))
    with pytest.raises(AhasdError, match="needs a draft"):
        check_methods(SETTING, ["draft-model"])
    with pytest.raises(AhasdError, match="changes nothing"):
        check_methods(drafted, ["ngram"])
