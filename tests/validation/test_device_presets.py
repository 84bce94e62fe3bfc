"""Published speeds against the presets of devices: those that they are made of, and those that they are not."""

from pathlib import Path
from statistics import median

import pytest

from ahasd.errors import AhasdError
from ahasd.report.validation import validation_text
from ahasd.validation.field.device_presets import DeviceModels, DevicePresets, RunsAlone
from ahasd.validation.reference import FileReport, Reference
from ahasd.validation.validate import validate

FIELD = Path(__file__).parent.parent / "reference" / "field"


def compared(reference: Reference, name: str) -> FileReport:
    found = reference.compare(FIELD / name)
    assert found is not None
    return found


def median_error(report: FileReport) -> float:
    return median(abs(row.error) for row in report.comparisons)


def test_the_speeds_that_presets_are_made_of_come_out_again() -> None:
    report = compared(DevicePresets(), "devices.csv")
    assert len(report.comparisons) == 46
    assert report.max_error < 0.005


def test_other_models_are_met_within_a_fifth_in_the_median() -> None:
    report = compared(DeviceModels(), "device_models.csv")
    assert set(report.groups()) == {"GPU", "NPU", "CPU"}
    assert median_error(report) < 0.13
    for name, rows in report.groups().items():
        assert median(abs(row.error) for row in rows) < 0.2, name


def test_the_target_alone_of_published_runs_is_met_within_a_fifth_in_the_median() -> None:
    report = compared(RunsAlone(), "speculation.csv")
    assert len(report.comparisons) == 18
    assert median_error(report) < 0.15


def test_a_ryzen_ai_npu_writes_what_is_published_and_not_what_its_memory_could() -> None:
    rows = {
        dict(row.row)["preset"] + dict(row.row)["model"]: row
        for row in compared(DeviceModels(), "device_models.csv").comparisons
    }
    row = rows["ryzen-ai-7-350-npu-2025-06Llama-3.1-8B 4 bits"]
    assert row.measured == 7.6
    assert row.predicted == pytest.approx(7.6, rel=0.15)


def test_rows_of_unknown_devices_are_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "device_models.csv"
    path.write_text("preset,model,read_gb,layers,tokens_per_second\nabacus,x,1,2,3\n", encoding="utf-8")
    with pytest.raises(AhasdError, match="line 2, column 'preset': 'abacus' is no device"):
        validate(tmp_path)


def test_the_command_shows_them() -> None:
    text = validation_text([compared(DeviceModels(), "device_models.csv")], rows=True)
    assert "  NPU " in text
    assert "ryzen-ai-7-350-npu-2025-06 Llama-3.1-8B" in text
