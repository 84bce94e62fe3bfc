"""``ahasd compare --all`` and ``ahasd ablation``: what they write, refuse, and take up again."""

import csv
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import fmean

import pytest

import ahasd as package
from ahasd.claims.published_means import published_mean

Succeeds = Callable[..., str]
TRACE = ["--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8"]
SHORT = [*TRACE, "--tokens", "24"]
ONE = ["compare", "--all", *SHORT, "--algorithm", "fixed:4", "--workers", "1"]


def start(folder: Path, *arguments: str, limit_bytes: int | None = None) -> "subprocess.Popen[str]":
    def limit() -> None:
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-c", "from ahasd.cli import main; main()", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(text: str) -> dict[str, list[str]]:
    """Rows of a Markdown table by their first cell."""
    lines = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines}


def test_lines_are_single_runs_and_what_cannot_run_says_why(succeeds: Succeeds, tmp_path: Path) -> None:
    palm = "palm-like-8b:palm-like-30b"
    systems = ["--systems", "npu,pim-autoregressive,gpu", "--seeds", "2"]
    succeeds(*ONE, "--pair", palm, *systems, "--output", "out")
    lines = rows(tmp_path / "out" / "results.csv")
    assert [(line["system"], line["seed"]) for line in lines] == [
        ("npu", "0"),
        ("npu", "1"),
        ("pim-autoregressive", "0"),
        ("pim-autoregressive", "1"),
        ("gpu", ""),
    ]
    assert "does not fit: palm-like-30b" in lines[-1]["refused"]
    assert lines[-1]["algorithm"] == "fixed:4"
    summary = (tmp_path / "out" / "summary.md").read_text()
    assert f"| gpu | rtx-5090-laptop | {palm} | does not fit: palm-like-30b" in summary
    assert summary.count("| gpu | rtx-5090-laptop | does not fit |") == 2  # tokens/s, joules per token
    for line in lines[:-1]:
        asked = ["--system", line["system"], "--seed", line["seed"], "--pair", palm, "--algorithm", "fixed:4"]
        alone = json.loads(succeeds("run", *SHORT, *asked, "--json"))
        for name in ("tokens_per_second", "joules_per_token", "average_power_w", "drafted", "joules_wasted"):
            assert float(line[name]) == (alone | alone["speculation"])[name], name
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "results.csv",
        "summary.md",
        "ranking.json",
    }


def test_a_killed_comparison_goes_on_to_the_same_bytes(succeeds: Succeeds, tmp_path: Path) -> None:
    given = ["--pair", "opt-1.3b:opt-6.7b", "--systems", "npu,gpu,pim-only,pearl,ahasd", "--seeds", "2"]
    succeeds(*ONE, *given, "--output", "whole")
    store = tmp_path / "cut.sqlite"
    process = start(tmp_path, *ONE[:-1], "2", *given, "--output", "cut", "--store", str(store))
    deadline = time.monotonic() + 60
    while not finished(store):
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert not (tmp_path / "cut").exists() or not list((tmp_path / "cut").iterdir())
    # Another comparison takes nothing of what is there that is not its own, and nothing away.
    succeeds(*ONE, *given, "--tokens", "25", "--output", "other", "--store", store)
    succeeds(*ONE, *given, "--output", "cut", "--store", store)
    for name in ("results.csv", "summary.md"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert set(finished(store)) == {1}


def finished(store: Path) -> list[int]:
    """How often each run was computed that is there."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return [times for (times,) in connection.execute("SELECT computed FROM runs")]
    except sqlite3.OperationalError:
        return []  # not yet


def test_the_overview_is_the_mean_of_the_ratios(succeeds: Succeeds, tmp_path: Path) -> None:
    given = ["--pair", "opt-1.3b:opt-6.7b", "--systems", "npu,ahasd,gpu", "--seeds", "2", "--energy-range"]
    succeeds(*ONE, *given, "--output", "out")
    lines = rows(tmp_path / "out" / "results.csv")
    speed = {(line["system"], line["seed"]): float(line["tokens_per_second"]) for line in lines}
    ratio = fmean(speed["ahasd", seed] / speed["npu", seed] for seed in "01")
    overview = (tmp_path / "out" / "summary.md").read_text().split("## Over `npu`")[1].split("##")[0]
    assert table(overview)["ahasd"][1] == f"{ratio:.2f}"
    assert "3.10" in table(overview)["ahasd"]
    for line in lines:
        low, middle, high = (float(line[f"joules_per_token{end}"]) for end in ("_low", "", "_high"))
        assert low < middle < high


def test_it_needs_a_folder(refused: Callable[..., str]) -> None:
    assert "--output" in refused("compare", "--all", *SHORT)


def test_rows_of_the_ablation_are_the_runs(succeeds: Succeeds, tmp_path: Path) -> None:
    pair = ["--pair", "opt-1.3b:opt-6.7b", "--algorithm", "svip:calibrated"]
    text = succeeds("ablation", *SHORT, *pair, "--seeds", "2", "--output", "out")
    page = (tmp_path / "out" / "ablation.md").read_text()
    found = table(page)
    assert text.startswith("ahasd is ")
    assert "x as fast as npu (the paper: 3.10x): AAU " in text
    for cell in found["tokens/s"]:
        assert cell in text
    assert found[""] == ["npu", "gpu", "async", "+AAU", "+EDC", "+TVC"]
    systems = ["npu", "gpu", "npu-pim-async", "npu-pim-async+aau", "npu-pim-async+aau+edc", "ahasd"]
    for column, system in enumerate(systems):
        runs = [
            json.loads(succeeds("run", *SHORT, *pair, "--system", system, "--seed", seed, "--json"))
            for seed in (0, 1)
        ]

        def mean(figure: Callable[[dict[str, float]], float], runs: list[dict[str, float]] = runs) -> float:
            return fmean(figure(run) for run in runs)

        assert found["tokens/s"][column].startswith(f"{mean(lambda r: r['tokens_per_second']):.2f} ± ")
        assert found["J/token"][column].startswith(f"{mean(lambda r: r['joules_per_token']):.3f} ± ")
        assert (
            found["acceptance rate"][column]
            == f"{mean(lambda r: r['speculation']['draft_acceptance_rate']):.3f}"
        )
        assert (
            found["wasted drafts"][column]
            == f"{mean(lambda r: r['speculation']['wasted'] / r['speculation']['drafted']):.0%}"
        )
        device = "gpu" if system == "gpu" else "npu"
        idle = fmean(run["devices"][device]["idle"] for run in runs)
        assert found["NPU or GPU idle"][column] == f"{idle:.1%}"
    assert found["throughput / npu"][0] == "1.00 ± 0.00"
    published = published_mean("opt-1.3b:opt-6.7b", "npu-pim-async+aau+edc", "gpu")
    assert published is not None
    assert f"{published.throughput:.2f}" in text
    document = json.loads(succeeds("ablation", *SHORT, *pair, "--seeds", "2", "--json"))
    speed = document["systems"]["ahasd"]["over"]["npu"]["tokens_per_second"]["over_seeds"]["mean"]
    assert f"ahasd is {speed:.2f}x as fast as npu" in text
    assert f"{published.energy:.2f}" in text


def test_the_ablation_without_room_on_the_gpu_has_no_ratios_to_it(succeeds: Succeeds) -> None:
    text = succeeds("ablation", *SHORT, "--pair", "palm-like-8b:palm-like-30b", "--seeds", "1")
    assert "throughput / gpu" not in text
    assert "gpu on rtx-5090-laptop cannot run: does not fit" in text


def test_a_run_gives_its_energy_over_the_ranges(succeeds: Succeeds, tmp_path: Path) -> None:
    given = [*SHORT, "--system", "npu", "--algorithm", "fixed:4"]
    text = succeeds("run", *given, "--energy-range", "--output", "out")
    document = json.loads((tmp_path / "out" / "results.json").read_text())
    plain = json.loads(succeeds("run", *given, "--json"))
    ranges = document.pop("energy_range")
    assert document == plain
    low, middle, high = ranges["joules_per_token"]
    assert low < middle == plain["joules_per_token"] < high
    assert ranges["constants"]["energy.offchip_pj_per_bit"] == [3.0, 20.0]
    assert "Energy over the ranges of the constants" in text
    assert ranges["time_fixed"] is True


def test_pair_and_algorithm_narrow_the_ablation_over_all(succeeds: Succeeds, tmp_path: Path) -> None:
    asked = ("--pair", "tiny-draft:tiny-target", "--tokens", "16", "--seeds", "1", "--output", tmp_path)
    succeeds("ablation", "--all", "--algorithm", "fixed:2", *asked)
    found = rows(tmp_path / "results.csv")
    assert {(row["pair"], row["algorithm"]) for row in found} == {("tiny-draft:tiny-target", "fixed:2")}


TINY = ["compare", *SHORT, "--algorithm", "fixed:4", "--pair", "opt-1.3b:opt-6.7b", "--seeds", "2"]


def test_what_has_run_is_not_run_again_unless_it_is_asked_for(succeeds: Succeeds, own_store: Path) -> None:
    text = succeeds(*TINY, "--systems", "npu,ahasd")
    assert finished(own_store) == [1] * 4
    assert succeeds(*TINY, "--systems", "npu,ahasd") == text
    succeeds(*TINY, "--systems", "npu,pearl")
    assert finished(own_store) == [1] * 6
    with closing(sqlite3.connect(own_store)) as connection, connection:
        connection.execute("UPDATE runs SET computed = 100")
    assert succeeds(*TINY, "--systems", "npu,ahasd", "--fresh") == text
    assert sorted(finished(own_store)) == [1] * 4 + [100] * 2


def test_commands_share_what_has_run(succeeds: Succeeds, tmp_path: Path) -> None:
    asked = [*SHORT, "--pair", "opt-1.3b:opt-6.7b", "--algorithm", "fixed:4", "--seeds", "1"]
    succeeds("compare", *asked, "--systems", "npu,ahasd", "--store", tmp_path / "kept")
    succeeds("ablation", *asked, "--store", tmp_path / "kept")
    assert finished(tmp_path / "kept") == [1] * 6


@pytest.mark.slow
def test_the_engine_does_not_matter(succeeds: Succeeds, tmp_path: Path) -> None:
    command = [*TINY, "--systems", "npu,gpu", "--workers", "2", "--json"]
    here = succeeds(*command, "--store", tmp_path / "here")
    assert succeeds(*command, "--engine", "dask", "--store", tmp_path / "there") == here


@pytest.mark.slow
def test_who_is_interrupted_is_told_what_is_kept(tmp_path: Path) -> None:
    store = tmp_path / "kept.sqlite"
    process = start(tmp_path, *TINY, "--seeds", "30000", "--systems", "npu", "--store", str(store))
    deadline = time.monotonic() + 60
    while not finished(store):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    said = re.search(
        rf"^(\d+) of 30000 runs are kept in '{store}': the same command goes on from there.$", err, re.M
    )
    assert said is not None, err
    assert int(said[1]) == len(finished(store)) > 0


@pytest.mark.slow
def test_a_full_disk_ends_clearly_and_the_same_command_goes_on(succeeds: Succeeds, tmp_path: Path) -> None:
    many = [*TINY, "--seeds", "200", "--systems", "npu", "--store", str(tmp_path / "kept")]
    process = start(tmp_path, *many, limit_bytes=400_000)
    _, err = process.communicate()
    assert process.returncode == 2
    assert "make room" in err
    kept = len(finished(tmp_path / "kept"))
    assert kept > 0
    assert f"{kept} of 200 runs are kept in" in err
    text = succeeds(*many)
    assert finished(tmp_path / "kept") == [1] * 200
    assert text == succeeds(*many, "--fresh")


def test_a_store_that_cannot_be_used_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("no store at all, but a text " * 100)
    assert "is damaged or not one of ours" in refused(*TINY, "--store", tmp_path / "mine")
    assert "--store FILE" in refused(*TINY, "--store", tmp_path)
    assert "give --engine dask" in refused(*TINY, "--scheduler", "tcp://127.0.0.1:1")
