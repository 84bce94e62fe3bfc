"""The study as a whole: what is asked, the page, and that it goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ahasd.cli.app import app
from ahasd.errors import AhasdError
from ahasd.studies.specpim.definition import read_definition
from ahasd.studies.specpim.references import GPU, PIM_ONLY, reference_figures
from ahasd.studies.specpim.scenario import Scenario
from ahasd.text_files import read_text
from ahasd.yaml_text import parse_yaml

FILE = Path(__file__).parents[3] / "studies" / "specpim.yaml"

TINY = """
scenarios: {pair: "opt-1.3b:opt-6.7b", draft_length: 4, acceptance: 0.8, context: 128, batch: 1}
architecture: {memory: [gddr6], stacks: [8], units_per_bank: [1.0], pim_clock: [1.0], host_share: [0.25, 0.5],
  host_clock: [1.0]}
budgets: {power_w: {most: 800}}
effort: {population: 12, generations: 1, kept: 6}
"""


def asked(**changes: Any) -> Any:
    scenarios = {"pair": ["a:b"], "draft_length": [4], "acceptance": [0.8], "context": [1], "batch": [1]}
    return read_definition({"scenarios": scenarios, **changes}, "study 'x'")


def test_the_file_bounds_area_and_power_and_asks_for_several_scenarios() -> None:
    found = read_definition(parse_yaml(read_text(FILE, "study"), "x"), "x")
    assert {budget.figure for budget in found.architectures.budgets} >= {"area_mm2", "power_w"}
    assert len(found.scenarios) >= 4
    assert len(found.architectures.machines()) > 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": {"stack": [2]}}, "Did you mean 'stacks'"),
        ({"architecture": {"stacks": [11]}}, "one to nine can compute"),
        ({"architecture": {"stacks": []}}, "is an empty list"),
        ({"architecture": {"memory": ["hbm3"]}}, "Did you mean 'hbm'"),
        ({"architecture": {"pim_clock": [1.5]}}, "the real device's is the most"),
        ({"architecture": {"units_per_bank": [1.5]}}, "above 1 it must be a whole number"),
        ({"architecture": {"host_share": ["all"]}}, "must be a number above 0"),
        ({"budgets": {"area": {"most": 1}}}, "Did you mean 'area_mm2'"),
        ({"budgets": {"power_w": {"most": 1, "least": 2}}}, "excludes everything"),
        ({"objective": "sped"}, "Did you mean 'speed'"),
        ({"host": "roof"}, "roofline"),
        ({"effort": {"kept": 200}}, "fewer than there are"),
        ({"effort": {"population": 1.5}}, "whole number"),
        ({"scenarios": {"pair": ["a:b"]}}, "needs draft_length"),
        ({"scenario": {}}, "Did you mean 'scenarios'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        asked(**changes)


@pytest.mark.parametrize(
    ("field", "value"), [("acceptance", 1.5), ("batch", 0), ("context", 1.5), ("draft_length", True)]
)
def test_a_scenario_out_of_range_is_refused(field: str, value: Any) -> None:
    values = {"pair": "a:b", "draft_length": 4, "acceptance": 0.8, "context": 1, "batch": 1, field: value}
    with pytest.raises(AhasdError, match=field):
        Scenario(**values)


def test_a_reference_without_room_says_what_it_lacks() -> None:
    big = Scenario("llama2-7b:llama2-13b", 4, 0.8, 512, 64)
    for reference in (GPU, *PIM_ONLY):
        with pytest.raises(AhasdError, match=r"lacks [\d.]+ GB"):
            reference_figures(reference, big)


def test_the_command_writes_the_page_and_goes_on_from_its_store(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    file, store = tmp_path / "tiny.yaml", tmp_path / "store.sqlite"
    file.write_text(TINY)
    command = ["study", "specpim", str(file), "--jobs", "1", "--store", str(store), "--output", str(tmp_path)]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    page = (tmp_path / "specpim.md").read_text()
    assert page.splitlines()[2].startswith("**One machine for all scenarios: 8 x GDDR6-PIM")
    (tmp_path / "specpim.findings.md").write_text("What people read out of it.\n")
    second = CliRunner().invoke(app, command)
    assert second.exit_code == 0, second.output
    again = (tmp_path / "specpim.md").read_text()
    assert again.replace("What people read out of it.\n\n", "") == page
    assert again != page


def test_the_study_as_data_holds_what_the_page_shows_and_no_more_than_json(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    file, store = tmp_path / "tiny.yaml", tmp_path / "store.sqlite"
    file.write_text(TINY)
    command = ["study", "specpim", str(file), "--jobs", "1", "--store", str(store)]
    found = CliRunner().invoke(app, [*command, "--json"])
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    page = CliRunner().invoke(app, command).stdout
    over = document["one_machine"]
    gpus = next(iter(over.values()))["with_draft"]
    assert document["machine"]["text"] in page
    assert f"{gpus['speed']:.2f}x" in page
    assert f"{gpus['tokens_per_joule']:.2f}x" in page
    for scenario in document["scenarios"]:
        optimum = scenario["searches"]["reduced: exhaustive"]["figures"]["seconds_per_token"]
        assert scenario["searches"]["reduced: genetic"]["figures"]["seconds_per_token"] >= optimum
        best = scenario["best"]["figures"]["seconds_per_token"]
        assert min(one["figures"]["seconds_per_token"] for one in scenario["front"]) == best


def test_budgets_that_leave_nothing_end_the_command_with_the_one_that_does(tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY.replace("most: 800", "most: 8"))
    found = CliRunner().invoke(app, ["study", "specpim", str(file), "--store", str(tmp_path / "s.sqlite")])
    assert found.exit_code != 0
    assert "power_w <= 8 excludes all of them" in f"{found.output}{found.exception}"
