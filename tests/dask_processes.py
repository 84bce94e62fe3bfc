"""A Dask scheduler and a worker as a cluster has them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A scheduler and a worker as processes of their own."""
    file = folder / "scheduler.json"
    run = [sys.executable, "-m"]
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "env": os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    }
    scheduling = subprocess.Popen(
        [
            *run,
            "distributed.cli.dask_scheduler",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        ],
        **quiet,  # type: ignore[call-overload]
    )
    working = subprocess.Popen(
        [
            *run,
            "distributed.cli.dask_worker",
            "--scheduler-file",
            str(file),
            "--nthreads",
            "1",
            "--no-dashboard",
        ],
        **quiet,  # type: ignore[call-overload]
    )
    try:
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield scheduling, json.loads(file.read_text())["address"]
    finally:
        for process in (working, scheduling):
            process.kill()
            process.communicate()
