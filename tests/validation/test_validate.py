"""The models against copies of the reference measurements, through the command that users run."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.dram.timings import load_timing
from ahasd.report.validation import validation_json, validation_page, validation_text
from ahasd.validation.amusd import drafted_fates, mean_acceptance, read_logs
from ahasd.validation.ramulator import device
from ahasd.validation.reference import FileReport, PredictedRow, max_error, mean_error, worst
from ahasd.validation.targets import TARGETS, Target, rows_by_target, target_for
from ahasd.validation.validate import validate

REFERENCE = Path(__file__).parent.parent / "reference"


@pytest.fixture(scope="module")
def reports() -> list[FileReport]:
    return validate(REFERENCE)


def test_every_kind_of_reference_is_there(reports: list[FileReport]) -> None:
    for beginning, _ in TARGETS:
        assert any(report.name.startswith(beginning) for report in reports), beginning


def test_every_file_meets_its_target(reports: list[FileReport]) -> None:
    checked = 0
    for report in reports:
        for group, comparisons in {"": report.comparisons, **report.groups()}.items():
            target = target_for(report.name, group)
            if target is not None:
                checked += 1
                assert mean_error(comparisons) <= target.mean, (report.name, group)
                assert max(abs(row.error) for row in comparisons) <= target.worst, (report.name, group)
                assert target.met_by(comparisons), (report.name, group)
    assert checked >= len(TARGETS)


def test_the_event_simulation_beats_the_closed_form(reports: list[FileReport]) -> None:
    amusd = next(report for report in reports if report.name.startswith("amusd"))
    assert amusd.mean_error < 0.5 * mean_error(amusd.null)


def test_the_json_has_the_fields_that_its_readers_need(reports: list[FileReport]) -> None:
    document = json.loads(json.dumps(validation_json(reports, rows=False)))
    for report in reports:
        entry = document["files"][report.name]
        assert entry["rows"] == len(report.comparisons)
        assert entry["mean_error"] <= entry["max_error"] == abs(entry["worst"]["error"])
    assert "all" not in document["files"][reports[0].name]


def test_text_and_page_show_every_row(reports: list[FileReport]) -> None:
    text, page = validation_text(reports, rows=True), validation_page(reports)
    for report in reports:
        assert report.name in text
        assert page.count("\n| ") >= sum(len(report.comparisons) for report in reports)


def test_the_page_in_the_docs_is_that_of_today(reports: list[FileReport]) -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "validation.md"
    assert page.read_text(encoding="utf-8") == validation_page(reports)


@pytest.mark.parametrize(
    "name", ["onnxim_gemm", "ramulator_lpddr5", "pimsimulator_host", "amusd_humaneval_sample"]
)
def test_the_readme_quotes_the_errors_of_today(name: str, reports: list[FileReport]) -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    report = next(report for report in reports if report.name.split(".")[0] == name)
    assert f"{report.mean_error * 100:.1f} % ({report.max_error * 100:.1f} %)" in " ".join(readme.split())


def test_a_target_is_missed_by_the_mean_or_by_a_single_row() -> None:
    rows = tuple(PredictedRow((), "", 100.0, predicted) for predicted in (100.0, 110.0, 91.0))
    assert mean_error(rows) == pytest.approx(0.19 / 3)
    assert max_error(rows) == pytest.approx(0.10)
    assert worst(rows).predicted == 110.0
    assert Target(0.07, 0.11, "").met_by(rows)
    assert not Target(0.06, 0.11, "").met_by(rows)
    assert not Target(0.07, 0.09, "").met_by(rows)


def test_rows_are_judged_by_group_only_where_groups_have_targets() -> None:
    rows = tuple(PredictedRow((), group, 1.0, 1.0) for group in ("refresh on", "refresh off", "refresh on"))
    by_group = rows_by_target(FileReport("pimsimulator_pim.csv", "cycles", rows))
    assert {name: len(of) for name, of in by_group.items()} == {"refresh on": 2, "refresh off": 1}
    assert rows_by_target(FileReport("onnxim_gemm.csv", "cycles", rows)) == {"": rows}


def test_absent_files_are_skipped(tmp_path: Path) -> None:
    shutil.copy(REFERENCE / "scalesim_gemm.csv", tmp_path)
    assert [report.name for report in validate(tmp_path)] == ["scalesim_gemm.csv"]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("scalesim_gemm.csv", "compute_cycles", "cycles", r"line 1, column 'compute_cycles': missing"),
        ("scalesim_gemm.csv", "32,is,1,256,256", "32,is,1,x,256", r"line 2, column 'N': 'x' is not a whole"),
        ("scalesim_gemm.csv", "32,is,1,256,256", "32,ws", r"line 2, column 'N': 3 cells"),
        ("scalesim_gemm.csv", "32,is,1", "32,zs,1", r"line 2, column 'dataflow': 'zs' is none of"),
        (
            "scalesim_gemm.csv",
            "32,is,1,256,256,2799",
            "32,is,1,256,256,0",
            r"line 2, column 'compute_cycles'",
        ),
        ("onnxim_gemm.csv", "128_hbm2", "7_hbm9", r"line 2, column 'config': unknown machine"),
        ("pimsimulator_pim.csv", "hbm2,add", "hbm3,add", r"line 2, column 'timings': .*no timing set 'hbm3'"),
        ("pimsimulator_pim.csv", "hbm2,add", "hbm2,sub", r"line 2, column 'op'"),
        ("amusd_humaneval_sample.json", '"total_time"', '"total"', r"field 'total_time'"),
        ("amusd_humaneval_sample.json", "[", "[[", r"line 1, column"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(
    name: str, old: str, new: str, message: str, tmp_path: Path
) -> None:
    for wanted in (name, "timings.yaml"):
        shutil.copy(REFERENCE / wanted, tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    count = -1 if old.startswith('"') else 1
    (tmp_path / name).write_text(text.replace(old, new, count), encoding="utf-8")
    with pytest.raises(AhasdError, match=message) as error:
        validate(tmp_path)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hbm2: {tCK_ns: 1.0}", "timing set 'hbm2': missing BL"),
        ("hbm2: {tCK: 1.0}", "unknown field 'tCK'"),
        ("hbm2: [", "line 2, column 1"),
        ("- 1", "expected timing sets"),
    ],
)
def test_a_malformed_timing_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    shutil.copy(REFERENCE / "pimsimulator_pim.csv", tmp_path)
    (tmp_path / "timings.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AhasdError, match=message):
        validate(tmp_path)


def test_a_folder_without_references_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="no reference file"):
        validate(tmp_path)
    with pytest.raises(AhasdError, match="not a folder"):
        validate(tmp_path / "nowhere")


@pytest.mark.parametrize("density", [8, 16])
def test_refresh_by_density_is_that_of_the_timing_sets(density: int) -> None:
    assert device(f"LPDDR5_{density}Gb_x16").timing == load_timing(f"lpddr5-6400-{density}gb")


def test_predicted_cycles_come_from_no_table() -> None:
    """No measured figure of a reference file stands in the package's sources."""
    package = Path(sys.modules["ahasd"].__file__ or "").parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    for name in ("pimsimulator_pim.csv", "onnxim_gemm.csv"):
        rows = (REFERENCE / name).read_text(encoding="utf-8").splitlines()
        column = rows[0].split(",").index("cycles")
        for row in rows[1:]:
            cycles = row.split(",")[column]
            assert len(cycles) < 5 or cycles not in source, row


def test_the_log_of_the_alternating_run_says_what_the_paper_says() -> None:
    logs = read_logs(REFERENCE / "amusd_humaneval_sample.json")[0]
    fates = drafted_fates(logs["sd"].accepted_tokens)
    assert len(fates) == sum(logs["sd"].accepted_tokens)
    assert len(logs["sd"].verify_times) == 74
    assert fates.count(None) == 58
    assert 0.9 < mean_acceptance(fates) < 1.0
