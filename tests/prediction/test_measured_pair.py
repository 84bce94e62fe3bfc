"""A plan on a measured device: costs are the table's, what it lacks is from figures, and both are said."""

from dataclasses import replace
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import device_yaml
from ahasd.hardware.measured.measured_device import Acceptance, MeasuredDevice, MeasuredModel, Source, Time
from ahasd.prediction.from_figures.acceptance import RecordedAcceptance
from ahasd.prediction.from_figures.drafted_tokens import accepted_share
from ahasd.prediction.from_figures.fitted import fitted
from ahasd.prediction.from_figures.measured_acceptance import measured_acceptance
from ahasd.prediction.from_figures.measured_pair import find_model
from ahasd.prediction.from_figures.named_models import NamedModel
from ahasd.prediction.from_figures.named_setting import named_setting
from ahasd.prediction.from_figures.round_cost import round_cost
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.speed_up import MEASURED_SPREAD, predict_speed_up, tokens_per_second_alone

TARGET = MeasuredModel(
    name="Qwen2.5-14B-Instruct-Q4_K_M",
    weight_bytes=9e9,
    times=(Time(width=1, ms=20), Time(width=4, ms=25), Time(width=6, ms=30)),
)
DRAFT = MeasuredModel(name="Qwen2.5-0.5B-Instruct-Q8_0", times=(Time(width=1, ms=3),))
DEVICE = MeasuredDevice(device="my box", models=(TARGET, DRAFT))


def setting_on(folder: Path, device: MeasuredDevice, target: str = "Qwen2.5-14B") -> Setting:
    path = folder / "my.yaml"
    path.write_text(device_yaml(device), encoding="utf-8")
    return named_setting(
        str(path),
        "llama.cpp",
        NamedModel("target", target, None, "Q4_K_M"),
        NamedModel("draft", "Qwen2.5-0.5B", None, "Q8_0"),
    )


def drafting(setting: Setting, length: int) -> Setting:
    return replace(setting, draft_length=length, acceptance=0.7, tokens_per_pass=1 + 0.7 * length)


def test_a_round_costs_what_the_table_says(tmp_path: Path) -> None:
    slow = DEVICE.model_copy(update={"bandwidth_gb_s": 50.0})  # by which a step would take 180 ms
    setting = drafting(setting_on(tmp_path, slow), 3)
    cost = round_cost(setting, fitted())
    assert cost is not None
    assert cost.step_s == pytest.approx(20e-3)
    assert cost.verify == pytest.approx(25 / 20)
    assert cost.draft == pytest.approx(3 * 3 / 20)
    assert tokens_per_second_alone(setting) == pytest.approx(50)


def test_copying_pays_for_what_a_measured_pass_takes(tmp_path: Path) -> None:
    setting = replace(drafting(setting_on(tmp_path, DEVICE), 5), method="ngram", tokens_per_pass=None)
    cost = round_cost(setting, replace(fitted(), copy_share=1.0))
    assert cost is not None
    assert cost.verify == pytest.approx(30 / 20)


def test_a_mean_width_is_a_mixture_of_two(tmp_path: Path) -> None:
    pair = setting_on(tmp_path, DEVICE).measured
    assert pair is not None
    assert pair.verify(1, 5.5) == pytest.approx((0.5 * 27.5 + 0.5 * 30) / 20)
    assert pair.verify(2, 2) == pytest.approx(25 / (20 + 5 / 3))


def test_the_interval_is_that_of_measurements_only_where_all_of_it_was_measured(tmp_path: Path) -> None:
    setting = setting_on(tmp_path, DEVICE)
    measured = predict_speed_up(drafting(setting, 3))
    between = predict_speed_up(drafting(setting, 2))
    undrafted = predict_speed_up(
        drafting(setting_on(tmp_path, DEVICE.model_copy(update={"models": (TARGET,)})), 3)
    )
    assert measured is not None
    assert between is not None
    assert undrafted is not None
    assert measured.low == pytest.approx(measured.mean * (1 - MEASURED_SPREAD))
    assert between.low < between.mean * (1 - MEASURED_SPREAD)
    assert undrafted.low < undrafted.mean * (1 - MEASURED_SPREAD)


def test_what_was_not_measured_is_from_figures_and_said(tmp_path: Path) -> None:
    narrow = TARGET.model_copy(update={"times": TARGET.times[:1]})
    setting = setting_on(tmp_path, DEVICE.model_copy(update={"models": (narrow,)}))
    cost = round_cost(drafting(setting, 3), fitted())
    assert cost is not None
    assert cost.step_s == pytest.approx(20e-3)
    assert cost.verify > 1
    assert setting.measured is not None
    notes = " ".join(setting.measured.notes(4, drafts=True))
    assert "what a wider pass costs is from figures" in notes
    assert "The draft was not measured (measured: Qwen2.5-14B-Instruct-Q4_K_M)" in notes
    other = setting_on(tmp_path, DEVICE, "Qwen2.5-32B").measured
    assert other is not None
    assert "The target was not measured on my box" in " ".join(other.notes(4, drafts=True))


def test_a_model_that_was_not_measured_runs_at_the_bandwidth_that_another_reached(tmp_path: Path) -> None:
    setting = setting_on(tmp_path, DEVICE, "Qwen2.5-32B")
    (device,) = setting.devices
    assert device.achieved_bandwidth == pytest.approx(9e9 / 20e-3)


def test_notes_say_what_was_interpolated(tmp_path: Path) -> None:
    pair = setting_on(tmp_path, DEVICE).measured
    assert pair is not None
    assert "A pass of 3 rows was not measured; it is interpolated between 1 and 4 rows." in pair.notes(
        3, True
    )
    assert not any("not measured" in note for note in pair.notes(4, True))


def test_a_measured_acceptance_is_the_chance_that_makes_it(tmp_path: Path) -> None:
    record = RecordedAcceptance()
    found = Acceptance(target=TARGET.name, draft=DRAFT.name, drafted=500, accepted=300, rounds=100)
    own = measured_acceptance(
        setting_on(tmp_path, DEVICE.model_copy(update={"acceptances": (found,)})), record
    )
    chance = own.chance("draft-model", 2)
    assert chance is not None
    assert chance.source == "measured device"
    assert accepted_share(chance.middle, 5) == pytest.approx(0.6)
    # The share of 500 independent tokens: 0.6 and 1.282 standard deviations of 0.0219.
    assert accepted_share(chance.low, 5) == pytest.approx(0.6 - 0.02809, abs=1e-5)
    assert accepted_share(chance.high, 5) == pytest.approx(0.6 + 0.02809, abs=1e-5)
    assert own.chance("ngram", 2) == record.chance("ngram", 2)
    foreign = found.model_copy(update={"draft": "another"})
    setting = setting_on(tmp_path, DEVICE.model_copy(update={"acceptances": (foreign,)}))
    assert measured_acceptance(setting, record) is record


def test_a_measurement_on_a_busy_machine_is_said(tmp_path: Path) -> None:
    def notes(load: float) -> str:
        sources = (Source(program="ahasd probe", load_per_processor=load),)
        pair = setting_on(tmp_path, DEVICE.model_copy(update={"sources": sources})).measured
        assert pair is not None
        return " ".join(pair.notes(4, True))

    assert "other processes were at work (3.0 for each processor)" in notes(3.0)
    assert "other processes" not in notes(0.1)


def test_a_name_means_the_model_that_has_all_of_its_words() -> None:
    assert find_model((TARGET, DRAFT), "qwen2.5-14b") is TARGET
    assert find_model((TARGET, DRAFT), "Qwen2.5-7B") is None
    with pytest.raises(AhasdError, match="fits 2 measured models"):
        find_model((TARGET, DRAFT), "Qwen2.5")
    longer = TARGET.model_copy(update={"name": f"{TARGET.name}-00001"})
    assert find_model((longer, TARGET), TARGET.name) is TARGET


def test_bytes_and_format_are_those_of_the_table(tmp_path: Path) -> None:
    setting = setting_on(tmp_path, DEVICE)
    assert setting.target.stored_bytes == 9e9
    assert setting.target.weight_bits == pytest.approx(8 * 9e9 / 14e9)
    assert setting.draft is not None
    assert setting.draft.weight_bits == pytest.approx(8.5)


def test_a_size_that_no_name_says_is_that_of_the_table(tmp_path: Path) -> None:
    mine = TARGET.model_copy(update={"name": "my-model", "parameters": 14e9})
    setting = setting_on(tmp_path, DEVICE.model_copy(update={"models": (mine, DRAFT)}), "my-model")
    assert setting.target.parameters == 14e9
