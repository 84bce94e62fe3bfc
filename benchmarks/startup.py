"""Start-up: `ahasd run` and `ahasd --help` as new processes, and the memory of a run.

Run with ``python benchmarks/startup.py``. The ratio to ``python -c pass`` of the same machine and moment tells
more than the seconds.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from support.figures import Figure, show

RUN_TARGET_S, HELP_TARGET_S, MEMORY_TARGET_MB = 2.0, 0.5, 300.0
REPEATS = 7
COMMAND = [sys.executable, "-c", "from ahasd.cli import main; main()"]
BARE = [sys.executable, "-c", "pass"]


@dataclass(frozen=True, slots=True)
class Use:
    """What a process took: seconds from start to end, CPU seconds, and at most so many megabytes (10^6 bytes)."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def use(command: list[str], environment: dict[str, str]) -> Use:
    """Run a command once and say what it took."""
    began = perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is bytes there, KiB elsewhere
    return Use(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * kilobyte / 1e6)


def main() -> None:
    """Measure and print."""
    # Installed or not, the checkout beside this file is what is measured.
    source = str(Path(__file__).parents[1] / "src")
    environment = os.environ | {"PYTHONPATH": source}
    commands = {
        "bare": BARE,
        "run": [*COMMAND, "run"],
        "help": [*COMMAND, "--help"],
    }
    uses: dict[str, list[Use]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as cache:
        # The first start after installation also compiles the modules: bytecode goes to an empty folder once.
        compiling = use(commands["run"], environment | {"PYTHONPYCACHEPREFIX": cache})
    for command in commands.values():
        use(command, environment)  # what a later start finds compiled and in the file cache
    for _ in range(REPEATS):  # in turns, so that a busy moment of the machine meets all of them
        for name, command in commands.items():
            uses[name].append(use(command, environment))
    bare, run, help_ = (median(one.seconds for one in uses[name]) for name in ("bare", "run", "help"))
    cpu = {name: median(one.cpu_seconds for one in found) for name, found in uses.items()}
    memory = {name: max(one.megabytes for one in found) for name, found in uses.items()}
    show(
        f"Start-up, median of {REPEATS} new processes",
        [
            Figure("python -c pass", bare, "s"),
            Figure("ahasd run (1024 tokens, break-even included)", run, "s", RUN_TARGET_S),
            Figure("  as a ratio to python -c pass", run / bare, "x"),
            Figure("  CPU time, which other work of the machine leaves alone", cpu["run"], "s"),
            Figure("ahasd run, modules not yet compiled, once", compiling.seconds, "s", RUN_TARGET_S),
            Figure("  CPU time", compiling.cpu_seconds, "s"),
            Figure("ahasd --help", help_, "s", HELP_TARGET_S),
            Figure("  as a ratio to python -c pass", help_ / bare, "x"),
            Figure("  CPU time", cpu["help"], "s"),
            Figure("peak memory of ahasd run", memory["run"], "MB", MEMORY_TARGET_MB),
            Figure("peak memory of python -c pass", memory["bare"], "MB"),
        ],
    )


if __name__ == "__main__":
    main()
