"""``ahasd compare``: systems side by side."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import pytest

Succeeds = Callable[..., str]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_run_is_a_line_of_the_csv(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds(
        "compare", *short, "--systems", "npu,ahasd", "--hardware", "module-mac,rank-both", "--seeds", 3,
        "--output", "out",
    )  # fmt: skip
    lines = rows(tmp_path / "out" / "results.csv")
    assert [(line["hardware"], line["system"], line["seed"]) for line in lines] == [
        (hardware, system, str(seed))
        for system in ("npu", "ahasd")
        for hardware in ("module-mac", "rank-both")
        for seed in range(3)
    ]
    assert all(line["refused"] == "" for line in lines)
    for line in lines[:8]:
        asked = ["--system", line["system"], "--hardware", line["hardware"], "--seed", line["seed"]]
        alone = json.loads(succeeds("run", *short, *asked, "--json"))
        for name in ("tokens_per_second", "joules_per_token", "draft_acceptance_rate", "drafted", "flushed"):
            assert float(line[name]) == (alone | alone["speculation"])[name], name
        assert float(line["npu_busy"]) == alone["devices"]["npu"]["busy"]
        assert float(line["speedup"]) == alone["speedup"]


def test_the_table_has_means_and_ratios(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    text = succeeds(
        "compare", *short, "--systems", "npu,ahasd,pim-autoregressive", "--seeds", 3, "--output", "out"
    )
    lines = rows(tmp_path / "out" / "results.csv")
    summary = (tmp_path / "out" / "summary.md").read_text()
    for system in ("npu", "ahasd", "pim-autoregressive"):
        mean = fmean(float(line["tokens_per_second"]) for line in lines if line["system"] == system)
        assert f"| {system} | {mean:.2f} ± " in summary
        assert f"{mean:.2f} ± " in text
    speed = {
        system: [float(line["tokens_per_second"]) for line in lines if line["system"] == system]
        for system in ("npu", "ahasd")
    }
    ratio = fmean(a / b for a, b in zip(speed["ahasd"], speed["npu"], strict=True))
    assert f"{ratio:.2f} ± " in summary
    assert "95 % intervals" in text
    assert "acceptance is the trace's" in text


def test_seeds_make_an_interval_and_one_seed_makes_none(succeeds: Succeeds, short: list[str]) -> None:
    assert "±" in succeeds("compare", *short, "--systems", "npu", "--seeds", 2)
    assert "±" not in succeeds("compare", *short, "--systems", "npu", "--seeds", 1)


def test_a_system_that_cannot_run_says_why(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    chosen = ["--systems", "npu,ahasd", "--hardware", "lpddr5", "--seeds", 2]
    text = succeeds("compare", *short, *chosen, "--output", "o")
    reason = "hardware 'lpddr5' has no processing in memory"
    lines = rows(tmp_path / "o" / "results.csv")
    assert [line["system"] for line in lines] == ["npu", "npu", "ahasd"]
    assert reason in lines[-1]["refused"]
    assert lines[-1]["tokens_per_second"] == ""
    assert reason in (tmp_path / "o" / "summary.md").read_text()
    assert reason in " ".join(text.split())


def test_a_model_that_does_not_fit_says_the_sum(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds(
        "compare", *short, "--pair", "palm-like-8b:palm-like-62b", "--weight-bits", 16, "--systems", "npu",
        "--seeds", 1, "--output", "out",
    )  # fmt: skip
    refusal = rows(tmp_path / "out" / "results.csv")[0]["refused"]
    assert "124.99 GB of weights" in refusal
    assert "= 68.72 GB" in refusal


def test_the_same_comparison_is_the_same_bytes(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        succeeds("compare", *short, "--systems", "npu,npu-pim-async", "--seeds", 2, "--output", folder)
    for name in ("results.csv", "summary.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_system_named_twice_is_run_once(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    succeeds("compare", *short, "--systems", "npu, npu", "--seeds", 1, "--output", "out")
    assert [line["system"] for line in rows(tmp_path / "out" / "results.csv")] == ["npu"]


@pytest.mark.parametrize("option", ["--system", "--hardware", "--algorithm", "--pair", "--tokens"])
def test_a_missing_name_is_refused(refused: Callable[..., str], short: list[str], option: str) -> None:
    assert f"{option} 'npu,,ahasd' lacks a name" in refused("compare", *short, option, "npu,,ahasd")


def test_systems_of_speech_are_compared_with_and_without_encoders(succeeds: Succeeds) -> None:
    asked = ("--trace", "synthetic-speech:tokens=10,clips=2,agreement=0.9", "--hardware", "rtx-4090")
    document = json.loads(succeeds("compare", "--system", "whisper,specasr", *asked, "--json"))
    assert {one["system"] for one in document["ranking"]} == {"whisper", "specasr"}
    for one in document["ranking"]:
        assert one["end to end s"] > one["decoding s"] > 0
    assert document["sentences"][0].startswith(
        f"Best of 2 compared: {document['ranking'][0]['system']} on rtx-4090"
    )
