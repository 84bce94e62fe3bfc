"""``ahasd search``."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Succeeds = Callable[..., str]
Refused = Callable[..., str]

SEARCH = """
run: {pair: "tiny-draft:tiny-target", tokens: 8, fidelity: first-order, algorithm: "fixed:2", hardware: module-mac,
      trace: "synthetic:acceptance=0.8,auc=0.7,positions=400"}
space: {system: [npu, ahasd], npu.chips: [1, 2]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "q.yaml"
    path.write_text(SEARCH, encoding="utf-8")
    return path


def test_the_answer_comes_first_and_the_same_as_data(succeeds: Succeeds, file: Path) -> None:
    command = (
        "search",
        file,
        "--objectives",
        "tokens_per_second:max,joules_per_token:min,area_mm2:min",
        "--budget",
        4,
    )
    text = succeeds(*command, "--method", "exhaustive")
    found = json.loads(succeeds(*command, "--method", "exhaustive", "--json"))
    assert text.splitlines()[0] == found["sentence"]
    assert found["sentence"].startswith("Best ")
    assert (found["trials"], found["tried"], found["feasible"]) == (4, 4, 4)
    assert found["objectives"] == ["tokens_per_second:max", "joules_per_token:min", "area_mm2:min"]
    best = max(found["pareto"], key=lambda point: point["figures"]["tokens_per_second"])
    assert found["pareto"][0] == best


def test_optuna_proposes_and_results_are_written(succeeds: Succeeds, file: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    text = succeeds("search", file, "--budget", 6, "--output", "found")
    assert (tmp_path / "found" / "search.txt").read_text(encoding="utf-8") == text
    assert json.loads((tmp_path / "found" / "search.json").read_text(encoding="utf-8"))["trials"] == 6


def test_contradictory_constraints_say_which_excludes_all(
    succeeds: Succeeds, refused: Refused, file: Path
) -> None:
    file.write_text(SEARCH + "constraints: {area_mm2: {most: 1}, tpot_s: {most: 100}}\n", encoding="utf-8")
    text = succeeds("search", file, "--budget", 4, "--method", "exhaustive").splitlines()[0]
    assert "area_mm2 <= 1 excludes all of them (nearest: " in text
    assert "tpot_s" not in text
    file.write_text(SEARCH + "constraints: {area_mm2: {most: 1, least: 2}}\n", encoding="utf-8")
    assert "excludes everything" in refused("search", file)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--objectives", "tokens_per_secnd:max", "--method", "exhaustive"),
            "Did you mean 'tokens_per_second'?",
        ),
        (("--objectives", "tpot_s:mn"), "Did you mean 'min'?"),
        (("--method", "nsga3"), "Did you mean 'nsga2'?"),
        (("--method", "exhaustive", "--budget", "3"), "raise --budget"),
    ],
)
def test_mistakes_are_named(refused: Refused, file: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused("search", file, *arguments)


def test_without_optuna_it_says_what_to_install(
    refused: Refused, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert "pip install 'ahasd[explore]'" in refused("search", file)
