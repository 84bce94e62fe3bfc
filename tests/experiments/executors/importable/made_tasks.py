"""Functions for tasks of tests, which new processes can import; each call leaves a line in a log."""

import os
import signal
import time
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Figures


def log(folder: str, name: str) -> None:
    """Append a line in one write, which does not mix with others."""
    with open(Path(folder) / "log", "ab", buffering=0) as file:
        file.write(f"{name} {os.getpid()}\n".encode())


def square(folder: str, number: int, seconds: float = 0.0) -> Figures:
    """What a task should do."""
    log(folder, str(number))
    time.sleep(seconds)
    return Figures(str(number**2))


def refuse(folder: str) -> Figures:
    """A task that cannot be done."""
    raise AhasdError("too large")


def break_down(folder: str) -> Figures:
    """A task with a fault."""
    raise ZeroDivisionError("of one by nothing")


def die(folder: str) -> Figures:
    """A task that ends its process, as the system does when memory is short."""
    log(folder, "dies")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def die_once(folder: str) -> Figures:
    """A task whose process is ended the first time, through no fault of its own."""
    path = Path(folder) / "died"
    if not path.exists():
        path.touch()
        die(folder)
    return Figures("1")
