"""The example for SLURM, on processes of this machine instead of jobs, and what it asks of dask-jobqueue."""

import argparse
import json
import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent / "examples" / "slurm" / "sweep.py"
SHORT = ["--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400", "--tokens", "24", "--seeds", "2"]


def test_its_command_runs_on_the_cluster_as_it_would_without(tmp_path: Path) -> None:
    command = ["compare", *SHORT, "--systems", "npu,pearl", "--json"]
    there = subprocess.run(
        [sys.executable, SCRIPT, "--local", "--jobs", "2", "--", *command, "--store", tmp_path / "there"],
        capture_output=True,
        check=True,
    )
    here = subprocess.run(
        [sys.executable, "-m", "ahasd", *command, "--store", tmp_path / "here"],
        capture_output=True,
        check=True,
    )
    assert json.loads(there.stdout) == json.loads(here.stdout)
    missing = [sys.executable, SCRIPT, "--local", "--jobs", "1", "--", "compare", "--system", "ahsd"]
    assert subprocess.run(missing, capture_output=True).returncode == 2


def test_it_asks_for_a_process_a_core_and_keeps_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the names of parameters that dask-jobqueue documents for SLURMCluster (0.8 and later)."""
    asked: dict[str, Any] = {}

    class SLURMCluster:
        def __init__(
            self,
            *,
            queue: str,
            account: str,
            cores: int,
            processes: int,
            memory: str,
            walltime: str,
            interface: str,
            worker_extra_args: list[str],
        ) -> None:
            asked.update(locals())

        def adapt(self, *, minimum_jobs: int, maximum_jobs: int) -> None:
            asked.update(jobs=(minimum_jobs, maximum_jobs))

    module = ModuleType("dask_jobqueue")
    monkeypatch.setattr(module, "SLURMCluster", SLURMCluster, raising=False)
    monkeypatch.setitem(sys.modules, "dask_jobqueue", module)
    options = argparse.Namespace(queue="short", account="mine", interface="ib0", jobs=8)
    runpy.run_path(str(SCRIPT))["slurm_cluster"](options)
    assert asked["cores"] == asked["processes"]
    assert (asked["queue"], asked["account"], asked["interface"], asked["jobs"]) == (
        "short",
        "mine",
        "ib0",
        (8, 8),
    )
