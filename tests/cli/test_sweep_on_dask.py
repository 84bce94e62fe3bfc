"""A sweep that is begun here, killed, and finished on a cluster."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ..dask_processes import scheduler

pytest.importorskip("distributed")

POINTS = 48
SWEEP = (
    *("--tokens", "512", "--hardware", "module-mac", "--pair", "opt-1.3b:opt-6.7b"),
    *("--grid", "system=npu,npu-pim-async,ahasd", "--grid", "seed=0,1,2,3,4,5,6,7"),
)
LESS = (*SWEEP, "--grid", "npu.clock_ghz=1")
ALL = (*SWEEP, "--grid", "npu.clock_ghz=1,1.5")


def begin(*arguments: str) -> "subprocess.Popen[str]":
    """The command as a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "ahasd", "sweep", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def wait_for_rows(store: Path, count: int, running: "subprocess.Popen[str]") -> None:
    """Until the store has so many finished runs."""
    while finished(store) < count:
        assert running.poll() is None, "it was over before it could be cut off"
        time.sleep(0.02)


def finished(store: Path) -> int:
    """Runs that the store has."""
    if not store.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            query = "SELECT count(*) FROM runs WHERE kind = 'run'"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return 0


def ended(*arguments: str) -> "subprocess.CompletedProcess[str]":
    running = begin(*arguments)
    out, err = running.communicate()
    return subprocess.CompletedProcess(arguments, running.returncode, out, err)


def documents(store: Path) -> dict[str, str]:
    """What each run came to."""
    with sqlite3.connect(store) as connection:
        return dict(connection.execute("SELECT key, document FROM runs WHERE kind = 'run'").fetchall())


def status(store: Path) -> dict[str, Any]:
    found = ended("status", str(store), "--json")
    assert found.returncode == 0, found.stderr
    sweeps: Sequence[dict[str, Any]] = json.loads(found.stdout)["sweeps"]
    return sweeps[-1]


@pytest.mark.slow
def test_a_sweep_begun_here_and_killed_is_finished_on_a_cluster(tmp_path: Path) -> None:
    store = tmp_path / "sweep.sqlite"
    here = begin("run", *LESS, "--output", str(store))
    wait_for_rows(store, 2, here)
    here.kill()
    here.communicate()
    before = finished(store)
    assert before < POINTS // 2
    with scheduler(tmp_path) as (process, address):
        there = ("--engine", "dask", "--scheduler", address)
        on_cluster = ended("run", *LESS, "--output", str(store), *there)
        assert on_cluster.returncode == 0, on_cluster.stderr
        assert (status(store)["done"], status(store)["computed"]) == (POINTS // 2, POINTS // 2)
        # A larger grid, whose scheduler goes.
        larger = begin("run", *ALL, "--output", str(store), *there)
        wait_for_rows(store, POINTS // 2 + 1, larger)
        process.kill()
        _, said = larger.communicate()
    assert larger.returncode == 2
    assert f"error: the Dask scheduler {address} has gone: what was finished is kept" in said
    home = ended("run", *ALL, "--output", str(store))
    assert home.returncode == 0, home.stderr
    assert (status(store)["done"], status(store)["computed"]) == (POINTS, POINTS)
    # Whoever computed them, the runs are those of one process that nothing disturbs.
    alone = tmp_path / "alone.sqlite"
    assert ended("run", *ALL, "--output", str(alone)).returncode == 0
    assert documents(alone) == documents(store)
