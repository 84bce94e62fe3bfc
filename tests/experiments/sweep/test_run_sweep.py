"""Running sweeps: every point once, whatever interrupts, and each fault by itself."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.carry_out import Running
from ahasd.experiments.executors import worker
from ahasd.experiments.store.row import Row
from ahasd.experiments.store.store import Store
from ahasd.experiments.sweep.definition import Sweep, read_sweep
from ahasd.experiments.sweep.kept import chosen_sweep, kept_sweeps, open_store
from ahasd.experiments.sweep.run_sweep import SWEEP, run_sweep

BASE = {
    "pair": "tiny-draft:tiny-target",
    "tokens": 8,
    "fidelity": "first-order",
    "algorithm": "fixed:2",
    "trace": "synthetic:acceptance=0.8,auc=0.7,positions=400",
}
ROUTING = (
    "synthetic-routing:experts=8,top=2,layers=2,tokens=24,prompts=2,prefix=8,zipf=0.3,repeat=0.2,depth=1"
)


def sweep_of(name: str = "", run: dict[str, Any] | None = None, **grid: Any) -> Sweep:
    return read_sweep({"run": BASE | (run or {}), "grid": grid, "name": name}, "sweep")


GRID = sweep_of(system=["npu", "ahasd"], **{"npu.chips": [1, 2], "seed": [0, 1, 2]})


def test_every_point_is_the_run_of_its_configuration(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        run_sweep(GRID, Running(store))
        kept = chosen_sweep(store, None)
    assert (kept.done, kept.computed, kept.failed, kept.missing) == (12, 12, 0, 0)
    for point in kept.points[::5]:
        alone = simulate(**GRID.configured(point.values))
        assert point.figures()["tokens_per_second"] == alone.tokens_per_second
        assert point.figures()["speculation.drafted"] == alone.speculation.drafted  # type: ignore[attr-defined]


def test_families_may_stand_side_by_side() -> None:
    sweep = read_sweep(
        {"list": [{**BASE, "system": "npu"}, {"system": "experts-lru", "routing": ROUTING, "expert_bits": 4}],
         "grid": {"seed": [0]}},
        "sweep",
    )  # fmt: skip
    store = Store()
    run_sweep(sweep, Running(store))
    speculation, experts = chosen_sweep(store, None).points
    assert (speculation.figures()["family"], experts.figures()["family"]) == ("speculation", "experts")


def test_a_poisoned_point_fails_alone_and_says_why() -> None:
    store = Store()
    run_sweep(sweep_of(**{"npu.chips": [1, 0, 2]}), Running(store))
    kept = chosen_sweep(store, None)
    assert (kept.done, kept.failed, kept.computed) == (2, 1, 2)
    assert "npu.chips is '0'; must be at least 1" in str(kept.points[1].reason)


def test_a_point_that_breaks_fails_alone_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    right, broken = worker._row, []

    def breaks(task: worker.Task) -> Row:
        if task.labels.seed == 1 and not broken:
            broken.append(task)
            return worker.failed(task, "ZeroDivisionError: so")
        return right(task)

    monkeypatch.setattr(worker, "_row", breaks)
    store, sweep = Store(), sweep_of(seed=[0, 1, 2])
    run_sweep(sweep, Running(store))
    assert [point.reason for point in chosen_sweep(store, None).points] == [
        None,
        "failed: ZeroDivisionError: so",
        None,
    ]
    run_sweep(sweep, Running(store))
    kept = chosen_sweep(store, None)
    assert (kept.done, kept.computed) == (3, 3)


def test_where_no_point_can_run_the_reason_is_the_error() -> None:
    with pytest.raises(AhasdError, match=r"none of the 2 points can run; the first: .*must be at least 1"):
        run_sweep(sweep_of(**{"npu.chips": [0, -1]}), Running())


def test_a_name_that_does_not_exist_ends_the_sweep_before_it_begins() -> None:
    store = Store()
    with pytest.raises(UnknownNameError, match="Did you mean 'ahasd'"):
        run_sweep(sweep_of(system=["npu", "ahsd"]), Running(store))
    assert store.of_kind(SWEEP) == []


class Cut(BaseException):
    """Ends a run somewhere."""


@pytest.mark.parametrize("seed", range(6))
def test_a_sweep_that_is_cut_off_anywhere_computes_nothing_twice(seed: int, tmp_path: Path) -> None:
    whole = run_sweep(GRID, Running())
    random, rows = Random(seed), {}
    with Store(tmp_path / "s") as store:
        for _ in range(4):
            left = random.randrange(1, 5)

            def progress(done: int, total: int, cut: int = left, began: list[int] = []) -> None:  # noqa: B006
                began.append(done)
                if len(began) > cut:
                    began.clear()
                    raise Cut

            try:
                rows = run_sweep(GRID, Running(store, progress=progress))
                break
            except Cut:
                continue
        rows = run_sweep(GRID, Running(store))
        kept = chosen_sweep(store, None)
    assert (kept.done, kept.computed) == (12, 12)
    assert {key: row.document for key, row in rows.items()} == {
        key: row.document for key, row in whole.items()
    }


def test_two_runs_on_one_store_share_the_points(tmp_path: Path) -> None:
    def run() -> None:
        with Store(tmp_path / "s") as store:
            run_sweep(GRID, Running(store))

    other = threading.Thread(target=run)
    # Workers keep machines for one thread at a time; the store is what is shared here.
    other.start()
    run()
    other.join()
    with open_store(tmp_path / "s") as store:
        kept = chosen_sweep(store, None)
    assert (kept.done, kept.computed) == (12, 12)


def test_a_larger_grid_computes_only_what_is_new() -> None:
    store = Store()
    run_sweep(sweep_of("a", seed=[0, 1]), Running(store))
    run_sweep(sweep_of("b", seed=[0, 1, 2]), Running(store))
    first, second = kept_sweeps(store)
    assert [(one.name, one.done, one.computed) for one in (first, second)] == [("a", 2, 2), ("b", 3, 3)]
    assert chosen_sweep(store, "a") == first
    with pytest.raises(UnknownNameError, match="unknown sweep 'c'"):
        chosen_sweep(store, "c")


def test_an_asked_sweep_is_the_latest_again() -> None:
    store = Store()
    for name in ("a", "b", "a"):
        run_sweep(sweep_of(name, seed=[0]), Running(store))
    assert [sweep.name for sweep in kept_sweeps(store)] == ["b", "a"]


def test_a_store_of_another_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with Store(path) as store:
        run_sweep(sweep_of(seed=[0]), Running(store))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET model_version = 0")
    with open_store(path) as store, pytest.raises(AhasdError, match="are of version 0 of the models"):
        kept_sweeps(store)


def test_what_is_no_store_or_has_no_sweep_is_said(tmp_path: Path) -> None:
    with pytest.raises(AhasdError, match="there is no store"):
        open_store(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with Store(tmp_path / "empty") as store, pytest.raises(AhasdError, match="has no sweep"):
        kept_sweeps(store)


def test_a_full_disk_ends_with_the_way_out_and_keeps_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "s") as store:
        added, right = [], store.add

        def full(rows: Any) -> None:
            kept = list(rows)
            added.append(kept)
            if len(added) > 2:
                with store._errors():
                    raise sqlite3.OperationalError("database or disk is full")
            right(kept)

        monkeypatch.setattr(store, "add", full)
        with pytest.raises(AhasdError, match="make room"):
            run_sweep(GRID, Running(store))
        monkeypatch.undo()
        run_sweep(GRID, Running(store))
        kept = chosen_sweep(store, None)
    assert (kept.done, kept.computed) == (12, 12)


def test_a_file_that_changes_makes_new_points(tmp_path: Path) -> None:
    routing, store = tmp_path / "machine.yaml", Store()
    run = {"system": "experts-lru", "routing": ROUTING}

    def key() -> str:
        from ahasd.experiments.look_up import LookUp
        from ahasd.experiments.sweep.point_task import point_task

        return point_task(run | {"mixture": str(routing)}, LookUp()).task.key

    routing.write_text("a", encoding="utf-8")
    first = key()
    assert key() == first
    routing.write_text("bb", encoding="utf-8")
    assert key() != first
    store.close()


def test_the_row_of_a_sweep_holds_its_points() -> None:
    store = Store()
    run_sweep(sweep_of("x", seed=[0, 1]), Running(store))
    (row,) = store.of_kind(SWEEP)
    assert json.loads(row.document)["points"] == [{"seed": 0}, {"seed": 1}]
