"""``ahasd predict``: a table and a verdict, everything as JSON, and refusals."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ahasd as package

pytest.importorskip("torch")
pytest.importorskip("transformers")

SHORT = ("predict", "--max-new-tokens", "16", "--prompts", "prompts.txt")


@pytest.fixture(autouse=True)
def _prompts(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("def f(x):\nimport os\n")
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "long.txt").write_text("x = 1; " * 300)


def test_a_slow_target_makes_speculation_pay(ahasd: Any) -> None:
    latency = ("--emulate-latency", "draft=1ms,target=60ms")
    ending = ahasd(*SHORT, "--methods", "speculative", "--algorithms", "fixed:1,fixed:4", *latency)
    assert ending.code == 0, ending.err
    assert "EMULATED: draft=1ms,target=60ms" in ending.out
    assert "Alone it writes " in " ".join(ending.out.split())
    assert "(emulated latencies)" in " ".join(ending.out.split())
    lines = ending.out.splitlines()
    assert max(len(line) for line in lines if not line.startswith("Measure it: ")) <= 100
    assert lines[0].startswith(("Do it: ", "It is open: "))
    (measuring,) = (line for line in lines if line.startswith("Measure it: ahasd bench "))
    assert "--emulate-latency draft=1ms,target=60ms --methods autoregressive,speculative --alg" in measuring
    first = next(
        line for line in ending.out.splitlines() if line.startswith(("speculative ", "autoregressive "))
    )
    assert first.startswith("speculative"), "the fastest comes first"


def test_a_slow_draft_does_not_pay_and_everything_is_in_json(ahasd: Any) -> None:
    latency = ("--emulate-latency", "draft=40ms,target=10ms")
    ending = ahasd(*SHORT, "--methods", "speculative", "--algorithm", "fixed:2", "--json", *latency)
    assert ending.code == 0, ending.err
    document = json.loads(ending.out)
    assert document["emulated"] is True
    assert document["best"] == {"method": "speculative", "algorithm": "fixed:2", "pays": False}
    assert document["verdict"].startswith("Do not: ")
    assert document["break_even_acceptance"] is None
    assert document["steps_alone_s"]["draft"]["1"] >= 0.04
    assert document["steps_alone_s"]["target"]["1"] >= 0.01
    assert document["steps_together_s"] is None
    speeds = [each["tokens_per_second"] for each in document["forecasts"]]
    assert speeds == sorted(speeds, reverse=True)
    assert {each["method"] for each in document["forecasts"]} == {"autoregressive", "speculative"}


@pytest.mark.slow
def test_async_is_foretold_from_steps_that_were_timed_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from ahasd.cli import main; main()", *SHORT, "--json"]
    ended = subprocess.run(
        [*command, "--methods", "async", "--algorithm", "svip"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    document = json.loads(ended.stdout)
    assert document["emulated"] is False
    together = document["steps_together_s"]
    assert set(together["draft"]) == {"1", "2"}
    assert 0 < together["message"] < 0.1
    assert any("both at work on" in line for line in document["assumptions"])
    assert document["best"]["method"] == "async"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--methods", "autoregressive"), "unknown method 'autoregressive'"),
        (("--methods", ""), "--methods '' lacks a name"),
        (("--algorithm", "fixed"), "fixed needs its length"),
        (("--algorithm", ","), "--algorithm ',' lacks a name"),
        (("--prompts", "missing.jsonl"), "prompt file 'missing.jsonl' does not exist"),
        (("--prompts", "empty.txt"), "prompt file empty.txt: holds no prompt"),
        (("--prompts", "long.txt"), "prompt 1 (question 1) needs a context of"),
        (("--draft", "."), "there is a draft and no target"),
        (("--target", "nowhere"), "model nowhere: no such folder"),
        (("--emulate-latency", "pim=1ms"), "write draft=10ms,target=66ms"),
        (("--max-new-tokens", "1"), "a prediction needs at least 2"),
        (("--dtype", "float23"), "float23"),
    ],
)
def test_bad_input_is_refused(refused: Any, options: tuple[str, ...], said: str) -> None:
    assert said in refused("predict", *options)


def test_a_target_without_a_draft_is_refused(refused: Any) -> None:
    from ahasd.decoding.tiny_pair import target_path

    assert "there is a target and no draft" in refused(*SHORT, "--target", target_path())


def test_an_algorithm_that_reads_a_head_is_refused_without_one(refused: Any, tmp_path: Path) -> None:
    import shutil

    from ahasd.decoding.tiny_pair import draft_path, target_path

    shutil.copytree(draft_path(), tmp_path / "headless")
    (tmp_path / "headless" / "acceptance_head.safetensors").unlink()
    pair = ("--target", target_path(), "--draft", "headless")
    assert "reads an acceptance head" in refused(
        *SHORT, *pair, "--methods", "speculative", "--algorithm", "specdecpp"
    )
