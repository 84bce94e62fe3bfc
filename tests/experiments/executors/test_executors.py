"""Who computes does not matter: the same rows, each once, whatever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.executors import processes
from ahasd.experiments.executors.batch import Task
from ahasd.experiments.executors.choose import Means, executor
from ahasd.experiments.executors.engine import Engine
from ahasd.experiments.executors.in_process import InProcess
from ahasd.experiments.grid import run_grid
from ahasd.experiments.selection import Selection, combinations
from ahasd.experiments.store.store import Store
from ahasd.speculation.configuration import RunConfiguration

from ...dask_processes import scheduler

MakeTask = Callable[..., Task]

#: Those that lose workers without losing anything else.
MENDED = [Means(2), Means(2, Engine.DASK)]
EVERY = [Means(1), *MENDED]


def logged(folder: Path) -> list[str]:
    """Names of the tasks that were begun."""
    return [line.split()[0] for line in (folder / "log").read_text().splitlines()]


def squares(task: MakeTask, count: int, seconds: float = 0.0) -> list[Task]:
    return [task(f"{'ab'[number % 2]}{number}", "square", number, seconds) for number in range(count)]


@pytest.mark.parametrize("means", EVERY, ids=str)
def test_every_task_is_run_once_and_says_what_it_came_to(
    means: Means, task: MakeTask, tmp_path: Path
) -> None:
    tasks = [*squares(task, 40), task("c", "refuse"), task("d", "break_down")]
    said: list[str] = []
    rows = carry_out(tasks, Running(means=means, remark=said.append))
    assert [rows[one.key].document for one in tasks[:40]] == [str(number**2) for number in range(40)]
    assert sorted(logged(tmp_path), key=int) == [str(number) for number in range(40)]
    assert (rows["c"].state, rows["c"].document) == ("refused", "too large")
    assert rows["d"].state == "failed"
    assert rows["d"].document.startswith("failed: ZeroDivisionError: of one by nothing (made_tasks.py:")
    assert len(said) == 1
    assert said[0].startswith("1 of 42 runs failed: ZeroDivisionError")


@pytest.mark.parametrize("means", MENDED, ids=str)
def test_a_poisoned_task_fails_alone(means: Means, task: MakeTask, tmp_path: Path) -> None:
    tasks = [*squares(task, 20), task("p", "die"), *squares(task, 30)[20:]]
    with Store(tmp_path / "store") as store:
        rows = carry_out(tasks, Running(store, means))
        assert rows["p"].state == "failed"
        assert "the process that ran it ended twice" in rows["p"].document
        assert {rows[one.key].document for one in tasks if one.key != "p"} == {
            str(number**2) for number in range(30)
        }
        assert logged(tmp_path).count("dies") == 2
        # Another time it is tried again, and all else is there.
        before = len(logged(tmp_path))
        carry_out([*squares(task, 30), task("p", "square", 7)], Running(store))
        assert logged(tmp_path)[before:] == ["7"]


@pytest.mark.parametrize("means", MENDED, ids=str)
def test_who_dies_of_something_else_is_run_again(means: Means, task: MakeTask) -> None:
    rows = carry_out([*squares(task, 6), task("p", "die_once")], Running(means=means))
    assert rows["p"].document == "1"
    assert len(rows) == 7


def test_one_worker_less_is_no_loss(task: MakeTask, tmp_path: Path) -> None:
    """A worker of the pool that is killed from outside while both are at work."""
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if done >= 4 and not killed:
            killed.append(int((tmp_path / "log").read_text().splitlines()[-1].split()[1]))
            os.kill(killed[0], signal.SIGKILL)

    with Store(tmp_path / "store") as store:
        tasks = squares(task, 30, 0.02)
        rows = carry_out(tasks, Running(store, Means(2), progress=kill))
        assert [rows[one.key].document for one in tasks] == [str(number**2) for number in range(30)]
        assert killed
        assert computed(store) == {1}


def computed(store: Store) -> set[int]:
    """How often the rows were written."""
    return {times for (times,) in store._connection.execute("SELECT computed FROM runs")}


def test_processes_that_do_not_start_are_an_error_that_says_so(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "_begin", os._exit)
    with pytest.raises(AhasdError, match=r"ended 3 times while they were starting.*__main__"):
        carry_out(squares(task, 4), Running(means=Means(2)))
    assert not (tmp_path / "log").exists()


def test_processes_end_with_the_one_that_asked(tmp_path: Path, task: MakeTask) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "import made_tasks\n"
        "from ahasd.experiments.carry_out import Running, carry_out\n"
        "from ahasd.experiments.executors.batch import Task\n"
        "from ahasd.experiments.executors.choose import Means\n"
        "from ahasd.experiments.store.row import Labels\n"
        "tasks = [Task(str(n), 'a', made_tasks.square, (sys.argv[1], n, 0.1), Labels()) for n in range(600)]\n"
        "if __name__ == '__main__':\n    carry_out(tasks, Running(means=Means(2)))\n"
    )
    (tmp_path / "script.py").write_text(script)
    folder = str(Path(__file__).parent / "importable")
    asking = subprocess.Popen([sys.executable, str(tmp_path / "script.py"), str(tmp_path), folder])
    log, deadline = tmp_path / "log", time.monotonic() + 60
    while not (log.exists() and len(set(pids(log))) == 2):
        assert time.monotonic() < deadline
        assert asking.poll() is None
        time.sleep(0.02)
    asking.kill()
    asking.communicate()
    while any(alive(pid) for pid in pids(log)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pids(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines()]


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


def test_a_worker_of_another_version_is_refused(task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ahasd.experiments.carry_out.MODEL_VERSION", 10**6)
    with pytest.raises(AhasdError, match=r"install the same\s+ahasd"):
        carry_out(squares(task, 2), Running())


def test_an_error_on_the_way_keeps_what_was_finished(task: MakeTask, tmp_path: Path) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(done: int, total: int) -> None:
        if done == 5:
            raise Interrupted

    with Store(tmp_path / "store") as store:
        with pytest.raises(Interrupted):
            carry_out(squares(task, 9, 0.2), Running(store, progress=interrupt))
        carry_out(squares(task, 9), Running(store))
        assert sorted(logged(tmp_path)) == [str(number) for number in range(9)]


def test_fresh_computes_anew_what_is_asked_for(task: MakeTask, tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        carry_out(squares(task, 6), Running(store))
        carry_out(squares(task, 3), Running(store, fresh=True))
        carry_out(squares(task, 6), Running(store))
    assert sorted(logged(tmp_path)) == sorted("012345" + "012")


def test_an_altered_row_is_run_again_and_that_is_said(task: MakeTask, tmp_path: Path) -> None:
    said: list[str] = []
    with Store(tmp_path / "store") as store:
        carry_out(squares(task, 6), Running(store))
        store._connection.execute("UPDATE runs SET document = '17' WHERE key IN ('a0', 'b5')")
        rows = carry_out(squares(task, 6), Running(store, remark=said.append))
        assert rows["b5"].document == "25"
    assert logged(tmp_path)[6:] == ["0", "5"]
    assert "2 of 6 runs" in said[0]
    assert "altered or taken away since they were written, and are run again" in said[0]


def test_two_at_once_share_the_work(task: MakeTask, tmp_path: Path) -> None:
    tasks, found = squares(task, 30, 0.02), []

    def other() -> None:
        with Store(tmp_path / "store") as store:
            found.append(carry_out(tasks[::-1], Running(store)))

    thread = threading.Thread(target=other)
    thread.start()
    with Store(tmp_path / "store") as store:
        found.append(carry_out(tasks, Running(store)))
        thread.join()
        assert computed(store) == {1}
    assert found[0] == found[1]
    assert sorted(logged(tmp_path), key=int) == [str(number) for number in range(30)]


def test_without_dask_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ahasd.experiments.executors.dask_cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(AhasdError, match=r"pip install 'ahasd\[dask\]', or use --engine local"):
        executor(Means(2, Engine.DASK), 2, {})


def test_a_scheduler_is_for_dask_alone() -> None:
    with pytest.raises(AhasdError, match="give --engine dask"):
        Means(2, scheduler="tcp://127.0.0.1:1")


def test_a_scheduler_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ahasd.experiments.executors.dask_cluster.CONNECT_S", 0.5)
    with pytest.raises(AhasdError, match=r"tcp://127.0.0.1:9 cannot be reached.*start"):
        executor(Means(2, Engine.DASK, "tcp://127.0.0.1:9"), 2, {})


def test_one_worker_is_this_process() -> None:
    assert isinstance(executor(Means(1), 9, {}), InProcess)
    assert isinstance(executor(Means(4), 1, {}), InProcess)


GRID = [
    choice.configuration
    for choice in combinations(
        RunConfiguration(trace="synthetic:acceptance=0.8,auc=0.7,positions=400,prompts=8", tokens=24),
        Selection(
            ("opt-1.3b:opt-6.7b",), ["fixed:4", "svip:calibrated"], ("npu", "gpu", "pim-autoregressive")
        ),
    )
]


@pytest.mark.slow
def test_runs_on_dask_are_those_of_one_process(tmp_path: Path) -> None:
    """Also while one of its two workers is killed: every run is there once, and the same."""
    from distributed import LocalCluster

    quiet = run_grid(GRID, range(4))
    with LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        first = next(iter(cluster.workers.values()))
        killed: list[int] = []

        def kill(done: int, total: int) -> None:
            if done >= 3 and not killed:
                killed.append(first.pid)
                os.kill(first.pid, signal.SIGKILL)

        means = Means(2, Engine.DASK, cluster.scheduler_address)
        with Store(tmp_path / "store") as store:
            assert run_grid(GRID, range(4), Running(store, means, progress=kill)) == quiet
            assert computed(store) == {1}
        assert killed


def test_a_scheduler_that_goes_is_an_error_and_what_was_finished_is_kept(
    task: MakeTask, tmp_path: Path
) -> None:
    tasks = squares(task, 200, 0.05)
    with scheduler(tmp_path) as (process, address), Store(tmp_path / "store") as store:

        def kill(done: int, total: int) -> None:
            if done >= 5:
                process.kill()

        with pytest.raises(AhasdError, match=r"has gone: what was finished is kept"):
            carry_out(tasks, Running(store, Means(1, Engine.DASK, address), progress=kill))
        kept = store.known([one.key for one in tasks])
        assert 5 <= len(kept) < 200
        carry_out(tasks[:60], Running(store))
        assert computed(store) == {1}
