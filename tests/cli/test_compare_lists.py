"""``ahasd compare`` over lists of everything: what is combined, and what is said of it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Succeeds = Callable[..., str]
TRACES = "synthetic:acceptance=0.8,auc=0.7,positions=400,synthetic:acceptance=0.3,positions=400"


def ranked(succeeds: Succeeds, *arguments: str) -> list[dict[str, Any]]:
    document = json.loads(succeeds("compare", "--tokens", "24", "--seeds", "1", "--json", *arguments))
    (target,) = document["targets"]
    return list(target["ranking"])


def test_every_option_takes_several_values(succeeds: Succeeds) -> None:
    rows = ranked(
        succeeds, "--system", "npu,npu-autoregressive", "--algorithm", "fixed:1,adaedl:gamma=0.2,lambda=0.8",
        "--trace", TRACES, "--set", "npu.chips=1,4", "--hardware", "lpddr5",
    )  # fmt: skip
    algorithms = {row["algorithm"] for row in rows if row["system"] == "npu"}
    assert algorithms == {"fixed:1", "adaedl:gamma=0.2,lambda=0.8"}
    assert {row["varied"]["trace"] for row in rows} == {
        "synthetic:acceptance=0.8,auc=0.7,positions=400",
        "synthetic:acceptance=0.3,positions=400",
    }
    assert {row["varied"]["npu.chips"] for row in rows} == {"1", "4"}
    # The target alone is asked once for all algorithms.
    assert len([row for row in rows if row["system"] == "npu"]) == 2 * 2 * 2
    assert len([row for row in rows if row["system"] == "npu-autoregressive"]) == 2 * 2


def test_a_row_is_the_run_of_its_values(succeeds: Succeeds) -> None:
    rows = ranked(succeeds, "--system", "npu", "--algorithm", "fixed:1,fixed:4", "--set", "npu.chips=1,2")
    assert len(rows) == 4
    speeds = [row["tokens_per_second"]["mean"] for row in rows]
    assert speeds == sorted(speeds, reverse=True)
    for row in rows:
        chips = row["varied"]["npu.chips"]
        alone = json.loads(
            succeeds(
                "run", "--tokens", "24", "--system", "npu", "--hardware", row["hardware"], "--json",
                "--algorithm", row["algorithm"], "--set", f"npu.chips={chips}",
            )
        )  # fmt: skip
        assert row["tokens_per_second"]["mean"] == alone["tokens_per_second"]
        assert row["speedup_over_best_alone"]["mean"] == alone["verdict"]["speedup_over_best_alone"]


def test_pairs_of_one_target_are_ranked_together(succeeds: Succeeds) -> None:
    pairs = "llama2-7b:llama2-13b,sheared-llama-1.3b:llama2-13b"
    rows = ranked(succeeds, "--system", "npu", "--algorithm", "fixed:4", "--pair", pairs)
    assert [row["pair"] for row in rows] == ["sheared-llama-1.3b:llama2-13b", "llama2-7b:llama2-13b"]


def test_the_winner_is_named_first(succeeds: Succeeds, short: list[str]) -> None:
    text = " ".join(succeeds("compare", *short, "--seeds", "1", "--system", "npu,pim-autoregressive").split())
    assert text.startswith(
        "Best for llama2-13b: the target alone, npu+pim-autoregressive on module-mac, which was"
    )
    assert "Of the 2 compared the fastest is pim-autoregressive: " in text
    assert "Least energy: pim-autoregressive: " in text
    assert max(map(len, succeeds("compare", *short, "--seeds", "2").splitlines())) <= 80


def test_lists_of_tokens_and_bits_are_numbers(succeeds: Succeeds, tmp_path: Path) -> None:
    succeeds(
        "compare",
        "--tokens",
        "8,16",
        "--weight-bits",
        "4,8",
        "--system",
        "npu",
        "--seeds",
        "1",
        "--output",
        "out",
    )
    with (tmp_path / "out" / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["tokens"], row["weight_bits"]) for row in rows] == [
        ("8", "4"),
        ("8", "8"),
        ("16", "4"),
        ("16", "8"),
    ]


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--tokens", "8,x"], "--tokens 'x' is no whole number"),
        (["--weight-bits", "8,5"], "weight_bits is 5; must be 4, 8 or 16"),
        (["--set", "npu.chips=2,,4"], "--set npu.chips= '2,,4' lacks a name"),
        (["--set", "npu.chps=2,4"], "unknown --set key 'npu.chps'"),
        (["--algorithm", "fixed:1,fxed:4"], "unknown algorithm 'fxed'"),
    ],
)
def test_one_wrong_value_refuses_all(refused: Callable[..., str], arguments: list[str], cause: str) -> None:
    assert cause in refused("compare", *arguments)


def test_files_are_named_where_they_are_written(
    ahasd: Callable[..., Any], short: list[str], tmp_path: Path
) -> None:
    given = ("compare", *short, "--seeds", "1", "--system", "npu", "-o", "out")
    assert ahasd(*given).err == "Wrote out/results.csv, out/summary.md, out/ranking.json\n"
    assert ahasd("--quiet", *given).err == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "ranking.json",
        "results.csv",
        "summary.md",
    ]


def test_a_long_ranking_says_where_the_rest_is(succeeds: Succeeds) -> None:
    text = succeeds(
        "compare", "--tokens", "8", "--seeds", "1", "--system", "npu", "--algorithm", "fixed:1,fixed:2,fixed:3",
        "--hardware", "lpddr5,module-mac", "--set", "npu.chips=1,2",
    )  # fmt: skip
    assert "… and 2 slower, which --json and the files of --output have" in text
    rows = [line for line in text.splitlines() if line.startswith("npu, fixed:")]
    assert len(rows) == 10
    speeds = [float(row.split(" on ")[1].split()[1]) for row in rows]
    assert speeds == sorted(speeds, reverse=True)


def test_least_energy_counts_what_was_not_in_the_list(succeeds: Succeeds, short: list[str]) -> None:
    """The target alone in memory takes less than any draft on AHASD's platform."""
    text = " ".join(succeeds("compare", *short, "--seeds", "1", "--system", "ahasd").split())
    assert "What was compared is ahasd: " in text
    assert (
        "Least energy: the target alone, pim-autoregressive on module-mac, which was not in the list" in text
    )
    document = json.loads(succeeds("compare", *short, "--seeds", "1", "--system", "ahasd", "--json"))
    (target,) = document["targets"]
    assert (target["best"], target["best_compared"]) == ("npu+pim-autoregressive", "ahasd")
    assert target["least_energy"] == "pim-autoregressive"
