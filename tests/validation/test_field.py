"""Predictions held against the published record: what they may read, how they are judged, how good they are."""

import csv
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ahasd.errors import AhasdError
from ahasd.prediction.from_figures.fitted import fitted
from ahasd.report.validation import validation_json, validation_text
from ahasd.validation.field.device_speeds import DeviceSpeeds
from ahasd.validation.field.published_run import OUTCOME, SPECIFICATION, TIMES, measured_pass, setting_of
from ahasd.validation.field.scores import PredictedRun, scores
from ahasd.validation.field.sources import project_of
from ahasd.validation.field.speculation import FieldReport, Speculation
from ahasd.validation.reference import mean_error
from ahasd.validation.table import Row
from ahasd.validation.validate import validate

ROOT = Path(__file__).parent.parent.parent
RECORD = ROOT / "tests" / "reference" / "field" / "speculation.csv"
COLUMNS = tuple(dict.fromkeys((*SPECIFICATION, *OUTCOME, *TIMES)))


@pytest.fixture(scope="module")
def report() -> FieldReport:
    return Speculation().compare(RECORD)


def row(**texts: str) -> Row:
    usual = {"device": "RTX 4090", "runtime": "llama.cpp", "target_model": "Llama-3.1-8B", "method": "mtp"}
    return Row("speculation.csv", 2, dict.fromkeys(COLUMNS, "") | usual | texts)


def test_every_row_with_a_speed_up_and_an_acceptance_is_predicted_and_the_others_are_listed(
    report: FieldReport,
) -> None:
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [
        row["id"] for row in rows if row["speedup"] and (row["acceptance_rate"] or row["mean_accepted_len"])
    ]
    assert [row.name for row in report.rows] == wanted
    assert len(report.rows) + len(report.unpredictable) == len(rows) == 238


def test_figures_alone_are_read_from_the_named_columns_only(report: FieldReport, tmp_path: Path) -> None:
    """All other columns blanked, but for the speed-up that it is held against."""
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {*SPECIFICATION, "speedup", "id"}
    path = tmp_path / "speculation.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({name: text if name in kept else "" for name, text in row.items()} for row in rows)
    blanked = Speculation().compare(path)
    for before, after in zip(report.rows, blanked.rows, strict=True):
        assert (after.predicted.mean, after.predicted.low, after.predicted.high, after.predicted.alone) == (
            before.predicted.mean,
            before.predicted.low,
            before.predicted.high,
            before.predicted.alone,
        )
        assert after.textbook == before.textbook
        # Without times there is nothing to predict from a measured pass, but for rows that state it in passes.
        assert after.measured is None or before.measured is not None


def test_the_outcome_is_not_read_to_predict_it(report: FieldReport, tmp_path: Path) -> None:
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "speculation.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | ({"speedup": "1.5"} if row["speedup"] else {}) for row in rows)
    changed = Speculation().compare(path)
    assert [row.predicted.mean for row in changed.rows] == [row.predicted.mean for row in report.rows]
    assert {row.predicted.published for row in changed.rows} == {1.5}


def test_it_beats_the_textbook_on_every_count(report: FieldReport) -> None:
    ours, textbook = (
        scores([row.predicted for row in report.rows]),
        scores([row.textbook for row in report.rows]),
    )
    assert ours.sign_right is not None
    assert textbook.sign_right is not None
    assert ours.sign_right > 0.9 > textbook.sign_right
    assert ours.mean_error < 0.4 * textbook.mean_error
    assert ours.alone_error is not None
    assert ours.alone_error < 0.2


def test_measured_passes_predict_within_a_tenth(report: FieldReport) -> None:
    measured = scores([row.measured for row in report.rows if row.measured is not None])
    assert measured.rows == 10
    assert measured.mean_error < 0.1


def test_the_json_has_the_fields_that_its_readers_need(report: FieldReport) -> None:
    document = json.loads(json.dumps(validation_json([report], rows=True)))
    entry = document["files"]["speculation.csv"]
    keys = {"rows", "committed", "sign_right", "mean_error", "coverage", "alone_error"}
    assert keys <= set(entry)
    assert keys <= set(entry["textbook"])
    assert keys <= set(entry["measured"])
    assert entry["rows"] == len(entry["all"]) == 96
    assert len(entry["not_predictable"]) == 142


def test_the_text_shows_every_row_only_if_asked(report: FieldReport) -> None:
    text = validation_text([report], rows=True)
    for each in report.rows:
        assert f"\n  {each.name} " in text
    for name, _ in report.unpredictable:
        assert f"\n  {name}: not predictable" in text
    assert "  s010 " not in validation_text([report], rows=False)


def test_a_folder_with_this_file_alone_is_enough(tmp_path: Path) -> None:
    (tmp_path / "speculation.csv").write_text(RECORD.read_text(encoding="utf-8"), encoding="utf-8")
    names = [report.name for report in validate(tmp_path)]
    assert names == ["speculation.csv", "speculation.csv, the target alone"]


def test_a_usual_share_of_the_peak_says_the_speed_of_a_device_that_nobody_measured() -> None:
    report = DeviceSpeeds().compare(RECORD.parent / "devices.csv")
    assert len(report.comparisons) == 46
    assert report.mean_error < 0.25 < 0.5 * mean_error(report.null)


def test_devices_without_a_speed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text(
        "device,class,bandwidth_gb_s,measured_7b_q4_0_tg_tok_s,source\nX,gpu,,,s\n", encoding="utf-8"
    )
    with pytest.raises(AhasdError, match="no device has both"):
        validate(tmp_path)


def test_scores_are_what_they_say() -> None:
    runs = [
        PredictedRun(2.0, 1.5, 1.2, 1.9, alone=9.0, published_alone=10.0),  # right, outside its interval
        PredictedRun(0.5, 0.6, 0.4, 0.9, alone=15.0, published_alone=10.0),  # right, inside
        PredictedRun(0.9, 1.8, 1.1, 2.5),  # wrong, outside
        PredictedRun(1.02, 1.5, 1.1, 2.0),  # committed, too near to 1 to be judged, outside
        PredictedRun(1.0, 1.0, 0.8, 1.2),  # straddles 1
    ]
    found = scores(runs)
    assert found.rows == 5
    assert found.committed == pytest.approx(4 / 5)
    assert found.sign_right == pytest.approx(2 / 3)
    assert found.coverage == pytest.approx(2 / 5)
    assert found.mean_error == pytest.approx((0.25 + 0.2 + 1.0 + 0.48 / 1.02 + 0) / 5)
    assert found.alone_error == pytest.approx(0.3)


def test_what_cannot_be_told_is_not_told() -> None:
    found = scores([PredictedRun(1.0, 1.0, 0.8, 1.2)])
    assert (found.sign_right, found.alone_error) == (None, None)


@pytest.mark.parametrize(
    ("text", "alone", "cost", "whole"),
    [
        ("30.49 (width 2)", "20", 0.6098, False),
        ("18.32 (whole round, width 2)", "100", 1.832, True),
        ("26.7 round (width 2; plain step 16.8)", "", 26.7 / 16.8, True),
        ("1.9x of plain (width 5)", "", 1.9, False),
    ],
)
def test_times_are_read_as_people_write_them(text: str, alone: str, cost: float, whole: bool) -> None:
    found = measured_pass(row(verify_ms_per_pass=text, target_alone_tok_s=alone))
    assert found is not None
    assert (found.cost, found.whole_round, found.draft) == (pytest.approx(cost), whole, None)


def test_a_time_of_drafting_is_taken_from_the_notes() -> None:
    said = row(verify_ms_per_pass="40 (width 2)", target_alone_tok_s="50", notes="draft 5.0 ms per round; x")
    found = measured_pass(said)
    assert found is not None
    assert found.draft == pytest.approx(0.25)


def test_a_time_without_a_step_to_compare_it_with_is_none() -> None:
    assert measured_pass(row(verify_ms_per_pass="41.2")) is None
    assert measured_pass(row()) is None


def test_a_row_says_a_setting() -> None:
    said = row(
        device="4x RTX 2080 Ti 22GB (TP4)",
        memory_bandwidth_gb_s="616",
        target_quant="FP8",
        target_file_gb="9",
        draft_max="2-4",
        acceptance_rate="0.8",
        batch_or_concurrency="10",
    )
    setting = setting_of(said)
    assert [device.name for device in setting.devices] == ["RTX 2080 Ti"]
    assert (setting.processors, setting.joint, setting.sequences) == (4, True, 10)
    assert (setting.acceptance, setting.draft_length, setting.memory) == (0.8, 3.0, 22e9)
    assert setting.target.stored_bytes == 9e9


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("acceptance_rate", "78", "line 2, column 'acceptance_rate': 78 is above 1; write a share"),
        ("draft_max", "some", "line 2, column 'draft_max': 'some' is not a number"),
        ("target_params_b", "-7", "column 'target_params_b': -7 must be positive"),
        ("method", "telepathy", "column 'method': 'telepathy' is no way to draft"),
    ],
)
def test_a_cell_that_says_nothing_is_refused_with_the_place(column: str, text: str, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        setting_of(row(**{column: text}))


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("EAGLE-3", "eagle"),
        ("Medusa", "eagle"),
        ("prompt lookup", "ngram"),
        ("draft", "draft-model"),
        ("MTP", "mtp"),
    ],
)
def test_methods_go_by_several_names(word: str, method: str) -> None:
    assert setting_of(row(method=word)).method == method


def test_programs_that_split_layers_over_cards_share_them_and_others_do_not() -> None:
    assert setting_of(row(device="2x RTX 4090", runtime="vLLM")).joint
    assert not setting_of(row(device="2x RTX 4090")).joint


def test_no_acceptance_at_all_is_an_acceptance() -> None:
    assert setting_of(row(acceptance_rate="0.00")).acceptance == 0
    assert setting_of(row(acceptance_rate="")).acceptance is None


def test_less_than_one_token_a_pass_counts_the_accepted_drafts_alone() -> None:
    assert setting_of(row(mean_accepted_len="0.8")).tokens_per_pass == pytest.approx(1.8)
    assert setting_of(row(mean_accepted_len="1.8")).tokens_per_pass == pytest.approx(1.8)


def test_a_row_that_drafts_in_an_unknown_way_is_listed_and_the_others_are_predicted(tmp_path: Path) -> None:
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "speculation.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows([rows[0] | {"method": "telepathy"}, rows[1]])
    report = Speculation().compare(path)
    assert [row.name for row in report.rows] == ["s003"]
    assert report.unpredictable == (("s001", "no way to draft that is known here: 'telepathy'"),)


@pytest.mark.parametrize(
    ("source", "project"),
    [
        ("github.com/a/b results/x.json@451748f", "a/b"),
        ("ggml-org/llama.cpp#10664", "ggml-org/llama.cpp#10664"),
        ("sudoingX/qwen38-mtp#69", "sudoingX/qwen38-mtp"),
        ("github.com/sudoingX/qwen38-mtp README.md@c7bc415", "sudoingX/qwen38-mtp"),
    ],
)
def test_sources_of_one_hand_are_left_out_together(source: str, project: str) -> None:
    assert project_of(source) == project


def fit_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_field", ROOT / "scripts" / "fit_field.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fit_field"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_figures_of_the_package_are_those_of_the_fit_and_hold_on_sources_left_out() -> None:
    script = fit_script()
    rows = script.samples(RECORD)
    ours, fresh = script.flat(fitted()), script.flat(script.fit(rows))
    for name, value in fresh.items():
        assert ours[name] == pytest.approx(value, rel=0.01), name
    out = script.left_out(rows)
    found = scores([script.run_of(row, row.published * 2.718281828459045**miss) for row, miss in out])
    assert found.rows == 96
    assert found.sign_right is not None
    assert found.sign_right >= 0.89
    assert found.coverage is not None
    assert 0.75 <= found.coverage <= 0.9
    assert found.committed >= 0.6
    assert found.mean_error < 0.38
