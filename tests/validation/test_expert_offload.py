"""Rows of offloaded experts are listed and counted, alone in a folder or beside others, and never predicted."""

import csv
import shutil
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.report.validation import validation_json, validation_page, validation_text
from ahasd.validation.field.expert_offload import WHY
from ahasd.validation.validate import validate

REFERENCE = Path(__file__).parents[1] / "reference"
RECORD = REFERENCE / "field" / "moe_offload.csv"


def names() -> list[str]:
    with RECORD.open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def test_a_folder_with_this_file_alone_lists_every_row(tmp_path: Path) -> None:
    shutil.copy(RECORD, tmp_path)
    reports = validate(tmp_path)
    text = validation_text(reports, rows=False)
    assert text.startswith(f"{len(names())} rows of moe_offload.csv are not predicted here.")
    for name in names():
        assert f"  moe_offload.csv, {name}: not predicted here: expert offloading is not modelled\n" in text
    entry = validation_json(reports, rows=True)["files"]["moe_offload.csv"]
    assert entry == {"rows": 0, "not_predicted": len(names()), "not_predictable": dict.fromkeys(names(), WHY)}
    assert names()[0] in validation_page(reports)


def test_beside_others_it_changes_nothing_of_their_errors(tmp_path: Path) -> None:
    shutil.copy(REFERENCE / "scalesim_gemm.csv", tmp_path)
    before = validation_json(validate(tmp_path), rows=True)["files"]
    alone = validation_text(validate(tmp_path), rows=False)
    shutil.copy(RECORD, tmp_path)
    after = validation_json(validate(tmp_path), rows=True)["files"]
    assert after.pop("moe_offload.csv")["rows"] == 0
    assert after == before
    text = validation_text(validate(tmp_path), rows=False)
    assert "of 1 files are predicted" in text
    assert all(line in text.splitlines() for line in alone.splitlines()[1:])


def test_a_file_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "moe_offload.csv").write_text("id,source\nm,s\n", encoding="utf-8")
    with pytest.raises(AhasdError, match="column 'device_gpu': missing"):
        validate(tmp_path)
