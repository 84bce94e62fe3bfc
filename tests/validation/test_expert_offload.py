"""Published speeds of offloaded experts: predicted where a row says enough, and else named with what it lacks."""

import csv
import shutil
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.prediction.expert_plan.placements import SPREAD
from ahasd.report.validation import validation_json, validation_page, validation_text
from ahasd.validation.field.expert_offload import ExpertOffload, OffloadReport
from ahasd.validation.validate import validate

REFERENCE = Path(__file__).parents[1] / "reference"
RECORD = REFERENCE / "field" / "moe_offload.csv"


@pytest.fixture(scope="module")
def report() -> OffloadReport:
    return ExpertOffload().compare(RECORD)


def names() -> list[str]:
    with RECORD.open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def test_seven_in_ten_rows_lie_in_an_interval_that_is_not_too_wide(report: OffloadReport) -> None:
    assert len(report.comparisons) >= 15
    assert SPREAD**2 <= 2.5
    assert report.coverage is not None
    assert report.coverage >= 0.7
    assert report.median_error is not None
    assert report.median_error <= 0.3


def test_every_row_is_predicted_or_named_with_what_it_lacks(report: OffloadReport) -> None:
    predicted = [dict(row.row)["id"] for row in report.comparisons]
    lacking = dict(report.unpredictable)
    assert sorted([*predicted, *lacking]) == sorted(names())
    assert lacking["moe003"] == "a long context, whose attention is not planned for"
    assert lacking["moe012"] == "how fast the host's memory is is not said"
    assert lacking["moe028"] == "no speed"


def test_no_row_looks_at_the_speed_that_it_predicts(tmp_path: Path, report: OffloadReport) -> None:
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["decode_tok_s"]:
            row["decode_tok_s"] = "7"
        row["notes"] = row["cache_hit_rate"] = row["prefill_tok_s"] = ""
    with (tmp_path / "moe_offload.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    changed = ExpertOffload().compare(tmp_path / "moe_offload.csv")
    assert [row.predicted for row in changed.comparisons] == [row.predicted for row in report.comparisons]


def test_the_report_says_how_many_lie_inside(tmp_path: Path) -> None:
    shutil.copy(RECORD, tmp_path)
    reports = validate(tmp_path)
    text = validation_text(reports, rows=True)
    assert "inside the interval 87% of rows" in text
    assert "moe003: not predictable, a long context" in text
    entry = validation_json(reports, rows=True)["files"]["moe_offload.csv"]
    assert entry["rows"] == len(entry["all"])
    assert entry["rows"] + entry["not_predicted"] == len(names())
    assert entry["coverage"] == pytest.approx(13 / 15)
    assert all(row["low"] < row["predicted"] < row["high"] for row in entry["all"])
    assert "moe_offload.csv" in validation_page(reports)


def test_beside_others_it_changes_nothing_of_their_errors(tmp_path: Path) -> None:
    shutil.copy(REFERENCE / "scalesim_gemm.csv", tmp_path)
    before = validation_json(validate(tmp_path), rows=True)["files"]
    shutil.copy(RECORD, tmp_path)
    after = validation_json(validate(tmp_path), rows=True)["files"]
    assert after.pop("moe_offload.csv")["rows"] >= 15
    assert after == before


def test_a_file_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "moe_offload.csv").write_text("id,source\nm,s\n", encoding="utf-8")
    with pytest.raises(AhasdError, match="column 'device_gpu': missing"):
        validate(tmp_path)
