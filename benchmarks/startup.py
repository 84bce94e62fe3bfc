"""Start-up: `ahasd run`, `ahasd plan` and `ahasd --help` as new processes, in CPU seconds, and the memory of a run.

Run with ``python benchmarks/startup.py``. CPU seconds, since other work of the machine lengthens all others; and as
that slows the processor too, the ratio to ``python -c pass`` of the same moment tells more than they do.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from support.figures import Figure, show

RUN_TARGET_S, PLAN_TARGET_S, HELP_TARGET_S, MEMORY_TARGET_MB = 1.0, 1.0, 0.3, 300.0
REPEATS = 7
COMMAND = [sys.executable, "-c", "from ahasd.cli import main; main()"]
COMMANDS = {
    "bare": [sys.executable, "-c", "pass"],
    "run": [*COMMAND, "run"],
    "plan": [*COMMAND, "plan", "--device", "RTX 3090", "--target", "Qwen2.5-14B", "--draft", "Qwen2.5-0.5B"],
    "help": [*COMMAND, "--help"],
}


@dataclass(frozen=True, slots=True)
class Use:
    """What a process took: CPU seconds, and at most so many megabytes (10^6 bytes)."""

    cpu_seconds: float
    megabytes: float


def use(command: list[str], environment: dict[str, str]) -> Use:
    """Run a command once and say what it took."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is bytes there, KiB elsewhere
    return Use(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * kilobyte / 1e6)


def main() -> None:
    """Measure and print."""
    uses: dict[str, list[Use]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as cache:
        # Installed or not, the checkout beside this file is what is measured, with bytecode in a folder of its own.
        source = str(Path(__file__).parents[1] / "src")
        environment = os.environ | {"PYTHONPATH": source, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        # The first start compiles every module, the libraries' too; a later one finds them compiled and in memory.
        compiling = use(COMMANDS["run"], environment)
        for command in COMMANDS.values():
            use(command, environment)
        for _ in range(REPEATS):  # in turns, so that a busy moment of the machine meets all of them
            for name, command in COMMANDS.items():
                uses[name].append(use(command, environment))
    bare, run, plan, help_ = (
        median(one.cpu_seconds for one in uses[name]) for name in ("bare", "run", "plan", "help")
    )
    memory = {name: max(one.megabytes for one in found) for name, found in uses.items()}
    show(
        f"Start-up, CPU time, median of {REPEATS} new processes",
        [
            Figure("python -c pass", bare, "s"),
            Figure("ahasd run (1024 tokens, break-even included)", run, "s", RUN_TARGET_S),
            Figure("  as a ratio to python -c pass", run / bare, "x"),
            Figure("ahasd run, no module compiled yet, once", compiling.cpu_seconds, "s"),
            Figure("ahasd plan (a draft model and look-up)", plan, "s", PLAN_TARGET_S),
            Figure("  as a ratio to python -c pass", plan / bare, "x"),
            Figure("ahasd --help", help_, "s", HELP_TARGET_S),
            Figure("  as a ratio to python -c pass", help_ / bare, "x"),
            Figure("peak memory of ahasd run", memory["run"], "MB", MEMORY_TARGET_MB),
            Figure("peak memory of python -c pass", memory["bare"], "MB"),
        ],
    )


if __name__ == "__main__":
    main()
