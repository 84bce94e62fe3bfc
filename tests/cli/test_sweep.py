"""``ahasd sweep``."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Succeeds = Callable[..., str]
Refused = Callable[..., str]

SHORT = (
    *(
        "--pair",
        "tiny-draft:tiny-target",
        "--tokens",
        8,
        "--fidelity",
        "first-order",
        "--algorithm",
        "fixed:2",
    ),
    *("--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400"),
)


def test_a_sweep_is_run_followed_shown_and_exported(succeeds: Succeeds, tmp_path: Path) -> None:
    grid = ("--grid", "system=npu,ahasd", "--grid", "npu.chips=1,0", "--grid", "seed=0,1")
    out = succeeds("sweep", "run", *SHORT, *grid, "--output", "s.sqlite")
    assert "4 of 8 points done, 4 failed (4 computed)." in out.splitlines()[0]
    counts = json.loads(succeeds("sweep", "status", "s.sqlite", "--json"))
    assert {name: counts[name] for name in ("points", "done", "computed", "failed", "missing")} == {
        "points": 8, "done": 4, "computed": 4, "failed": 4, "missing": 0,
    }  # fmt: skip
    shown = succeeds("sweep", "show", "s.sqlite")
    found = json.loads(succeeds("sweep", "show", "s.sqlite", "--json"))
    assert shown.startswith("Best tokens_per_second: ")
    assert found["sentence"] == shown.splitlines()[0]
    assert "must be at least 1" in shown
    effects = {effect["field"]: effect for effect in found["effects"]}
    assert set(effects) == {"system", "seed"}  # all points with a result have the same npu.chips
    succeeds("sweep", "export", "s.sqlite", "--output", "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["system"], row["npu.chips"], row["seed"], row["state"]) for row in rows][:3] == [
        ("npu", "1", "0", "done"), ("npu", "1", "1", "done"), ("npu", "0", "0", "refused"),
    ]  # fmt: skip
    speeds = [
        float(row["tokens_per_second"]) for row in rows if row["system"] == "ahasd" and row["state"] == "done"
    ]
    (level,) = [one for one in effects["system"]["levels"] if one["value"] == "ahasd"]
    assert level["mean"] == pytest.approx(sum(speeds) / 2)


def test_no_point_is_called_best_where_what_was_varied_makes_no_difference(succeeds: Succeeds) -> None:
    energies = ("--grid", "energy.offchip_pj_per_bit=4,8")  # joules change, tokens per second do not
    succeeds("sweep", "run", *SHORT, "--system", "npu", *energies, "--output", "s.sqlite")
    first = succeeds("sweep", "show", "s.sqlite").splitlines()[0]
    assert first.startswith(
        "What was varied (energy.offchip_pj_per_bit) makes no difference here: tokens_per_second is "
    )


def test_the_best_by_another_figure_may_be_another_point(succeeds: Succeeds) -> None:
    succeeds("sweep", "run", *SHORT, "--grid", "tokens=4,8", "--output", "s.sqlite")
    best = [
        json.loads(succeeds("sweep", "show", "s.sqlite", "--json", "--objective", f"seconds:{end}"))["best"][
            "values"
        ]
        for end in ("min", "max")
    ]
    assert best == [{"tokens": 4}, {"tokens": 8}]


def test_a_file_and_options_together(succeeds: Succeeds, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "name: mine\nrun: {tokens: 4, set: {npu.chips: 1}}\ngrid: {seed: [0, 1], system: [npu, ahasd]}\n",
        encoding="utf-8",
    )
    given = ("--grid", "seed=5", "--set", "npu.launch_us=2")
    succeeds("sweep", "run", "s.yaml", *SHORT, *given, "--output", "s.sqlite")
    counts = json.loads(succeeds("sweep", "status", "s.sqlite", "--json"))
    assert (counts["sweeps"][0]["name"], counts["done"]) == ("mine", 2)


def test_two_sweeps_in_a_store_are_told_apart(succeeds: Succeeds, refused: Refused, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ngrid: {{seed: [0]}}\n", encoding="utf-8")
        succeeds("sweep", "run", f"{name}.yaml", *SHORT, "--output", "s.sqlite")
    counts = json.loads(succeeds("sweep", "status", "s.sqlite", "--json"))
    assert [sweep["name"] for sweep in counts["sweeps"]] == ["one", "two"]
    assert (counts["points"], counts["done"]) == (1, 1)  # both have the same point
    assert json.loads(succeeds("sweep", "show", "s.sqlite", "--sweep", "one", "--json"))["sweep"] == "one"
    assert "Did you mean 'two'" in refused("sweep", "show", "s.sqlite", "--sweep", "twoo")


def test_parquet_holds_the_same_rows(succeeds: Succeeds, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    succeeds("sweep", "run", *SHORT, "--grid", "seed=0,1", "--grid", "npu.chips=1,0", "--output", "s.sqlite")
    for ending in ("csv", "parquet"):
        succeeds("sweep", "export", "s.sqlite", "--output", f"s.{ending}")
    table = parquet.read_table(tmp_path / "s.parquet").to_pylist()
    with (tmp_path / "s.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [[str(row["seed"]), row["state"]] for row in table] == [
        [row["seed"], row["state"]] for row in rows
    ]
    assert [row["tokens_per_second"] for row in table] == [
        float(row["tokens_per_second"]) if row["tokens_per_second"] else None for row in rows
    ]


def test_without_pyarrow_the_export_says_what_to_install(
    succeeds: Succeeds, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeeds("sweep", "run", *SHORT, "--grid", "seed=0", "--output", "s.sqlite")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install 'ahasd[parquet]'" in refused("sweep", "export", "s.sqlite", "--output", "s.parquet")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--output", "s"), "empty grid"),
        (
            ("run", "--grid", "npu.chip=1", "--output", "s"),
            "unknown field 'npu.chip'. Did you mean 'npu.chips'?",
        ),
        (("run", "--grid", "npu.chips", "--output", "s"), "expected KEY=A,B,C"),
        (("run", "--grid", "npu.chips=", "--output", "s"), "npu.chips has no value"),
        (("run", "--grid", "system=ahsd", "--output", "s"), "unknown system 'ahsd'"),
        (("run", "none.yaml", "--output", "s"), "sweep 'none.yaml' does not exist"),
        (("run", "--grid", "seed=0", "--output", "s", "--scheduler", "tcp://x:1"), "give --engine dask, too"),
        (("status", "none"), "there is no store 'none'"),
        (("show", "none"), "there is no store 'none'"),
        (("export", "none", "--output", "x.xlsx"), "must end in .csv or .parquet"),
    ],
)
def test_mistakes_are_named(refused: Refused, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused("sweep", *arguments)


def test_a_figure_that_there_is_not_is_refused_with_the_nearest(succeeds: Succeeds, refused: Refused) -> None:
    succeeds("sweep", "run", *SHORT, "--grid", "seed=0", "--output", "s.sqlite")
    message = refused("sweep", "show", "s.sqlite", "--objective", "tokens_per_secnd:max")
    assert "Did you mean 'tokens_per_second'?" in message
    assert "Did you mean 'max'?" in refused("sweep", "show", "s.sqlite", "--objective", "seconds:mx")


def test_a_scheduler_that_is_gone_is_said(ahasd: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("ahasd.experiments.executors.dask_cluster.CONNECT_S", 0.5)
    given = ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--output", "s.sqlite")
    ending = ahasd("sweep", "run", *SHORT, "--grid", "seed=0", *given)
    assert ending.code == 2
    assert "0 of 1 points are kept in 's.sqlite'" in ending.err
    assert "error: the Dask scheduler tcp://127.0.0.1:1 cannot be reached" in ending.err
