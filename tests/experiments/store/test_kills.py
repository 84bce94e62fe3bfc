"""Killed at any moment, and together with others: the same cells, and nothing that was finished is computed again."""

import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import pytest

from ahasd.experiments.carry_out import Running
from ahasd.experiments.cell import Cell
from ahasd.experiments.executors import worker
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.executors.in_process import InProcess
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.store.row import Row
from ahasd.experiments.store.store import Store
from ahasd.speculation.configuration import RunConfiguration

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

SEEDS = range(4)
GRID = [
    choice.configuration
    for choice in combinations(
        RunConfiguration(trace="synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8", tokens=12),
        Selection(
            ("opt-1.3b:opt-6.7b",), ["fixed:4", "fixed:2"], ("npu", "ahasd", "gpu", "pim-autoregressive")
        ),
    )
]
#: Runs of the grid, and of one pass over it in this process, whose machines forked processes have already.
RUNS = len(GRID) * len(SEEDS)


@pytest.fixture(scope="module")
def quiet() -> list[Cell]:
    return run_grid(GRID, SEEDS)


@pytest.fixture(autouse=True)
def logging_workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Write down in one place what any process computes, before it does."""
    original = worker._row

    def logged(task: worker.Task) -> Row:
        with open(tmp_path / "log", "ab", buffering=0) as file:
            file.write(f"{task.key}\n".encode())
        return original(task)

    monkeypatch.setattr(worker, "_row", logged)
    # A grid this small would otherwise be done with its first batch.
    monkeypatch.setattr(InProcess, "batch_seconds", 0.02)


def begun(folder: Path) -> list[str]:
    return (folder / "log").read_text().splitlines() if (folder / "log").exists() else []


def start(path: Path, workers: int = 1) -> BaseProcess:
    def run() -> None:
        with Store(path) as store:
            run_grid(GRID, SEEDS, Running(store, Means(workers)))
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    return process


def stored(path: Path) -> Iterator[tuple[str, int]]:
    if not path.exists():
        return
    with Store(path) as store:
        yield from store._connection.execute("SELECT key, computed FROM runs")


def check_kills(folder: Path, quiet: list[Cell], kills: int, seed: int) -> None:
    """Kill runs of the grid at random moments, each of which goes on where the one before was."""
    random, killed, number, seen = Random(seed), 0, 0, 0
    while killed < kills:
        path = folder / f"store{number}"
        while True:
            finished = {key for key, _ in stored(path)}
            before = len(begun(folder))
            process = start(path)
            if random.random() < 0.5:
                process.join(
                    random.expovariate(1 / 0.3)
                )  # mostly before a first batch ends, or behind the last
            else:
                wanted = before + random.randrange(2, 12)  # while one of the next is at work
                while process.is_alive() and len(begun(folder)) < wanted:
                    time.sleep(0.001)
            process.kill()
            process.join()
            again = [key for key in begun(folder)[before:] if key in finished]
            assert not again, "what was finished was computed again"
            if process.exitcode == 0:
                break
            killed += 1
            seen += len(list(stored(path)))
        assert [times for _, times in stored(path)] == [1] * RUNS
        with Store(path) as store:
            assert run_grid(GRID, SEEDS, Running(store)) == quiet
        number += 1
    assert seen, "no kill came after something was finished"


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_where_it_was(quiet: list[Cell], tmp_path: Path) -> None:
    check_kills(tmp_path, quiet, kills=20, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_a_run_that_is_killed_goes_on_where_it_was_at_length(
    quiet: list[Cell], tmp_path: Path, seed: int
) -> None:
    check_kills(tmp_path, quiet, kills=20, seed=seed)


def test_two_at_once_share_the_work_and_find_the_same(quiet: list[Cell], tmp_path: Path) -> None:
    path = tmp_path / "store"
    both = [start(path), start(path)]
    for process in both:
        process.join()
        assert process.exitcode == 0
    assert Counter(times for _, times in stored(path)) == {1: RUNS}
    assert len(begun(tmp_path)) == RUNS
    with Store(path) as store:
        assert run_grid(GRID, SEEDS, Running(store)) == quiet


def test_the_other_takes_over_what_a_killed_one_had_begun(quiet: list[Cell], tmp_path: Path) -> None:
    path = tmp_path / "store"
    one, other = start(path), start(path)
    while len(list(stored(path))) < 5:
        time.sleep(0.005)
    one.kill()
    one.join()
    other.join()
    assert other.exitcode == 0
    assert Counter(times for _, times in stored(path)) == {1: RUNS}
    with Store(path) as store:
        assert run_grid(GRID, SEEDS, Running(store)) == quiet
