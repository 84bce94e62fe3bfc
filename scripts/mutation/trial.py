"""A mutant in a copy of the tree, in front of the tests of its room."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from mutation.covering import Covering, read_covering
from mutation.sample import Mutant

#: Test folders of each room: its own, and for what families share those of a family.
TESTS = {
    "workload": ("workload",),
    "hardware": ("hardware",),
    "traces": ("traces",),
    "simulation": ("simulation",),
    "family": ("family", "speculation"),
    "speculation": ("speculation",),
    "decoding": ("decoding",),
}
#: Bytes of addresses for a test run: what an endless list may take before it counts as noticed.
MEMORY_BYTES = 16 << 30


def folders_of(room: str) -> list[str]:
    """The folder of a room's source, and those of its tests."""
    return [f"src/ahasd/{room}", *(f"tests/{name}" for name in TESTS[room])]


_COVERAGE = """[run]
dynamic_context = test_function
source = {source}
data_file = {data}
"""


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: ``killed`` (and by which test), ``killed by time``, ``survived`` or ``never run``."""

    name: str
    by: str
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether a test failed."""
        return self.name.startswith("killed")


class Copy:
    """A copy of the tracked and new files of a repository, in which tests run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, root: Path, folder: Path) -> "Copy":
        """Copy a repository."""
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=root,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listing.stdout.decode().split("\0")):
            if (root / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, folder / name)
        return cls(folder)

    def again(self, folder: Path) -> "Copy":
        """Copy the copy, for tests that run at the same time."""
        shutil.copytree(self.folder, folder)
        return Copy(folder)

    def cover(self, room: str) -> Covering:
        """Run a room's tests on the source as it is, and see which lines each runs.

        Raises
        ------
        RuntimeError
            They fail.
        """
        source, *tests = folders_of(room)
        settings, data, times = (self.folder / f"cover-{room}.{suffix}" for suffix in ("ini", "data", "xml"))
        settings.write_text(_COVERAGE.format(source=source, data=data), encoding="utf-8")
        runner = ["-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", f"--junitxml={times}"]
        fate = self._run([*runner, *tests], limit=None, write_bytecode=True)
        if fate.noticed:
            raise RuntimeError(f"the tests of {room} fail on the source as it is: {fate.by}")
        return read_covering(self.folder, [source, *tests], data, times, fate.seconds)

    def try_mutant(self, mutant: Mutant, covering: Covering) -> Fate:
        """Run the tests on a mutant until one fails, and put the file back."""
        tests = covering.order(mutant)
        if not tests:
            return Fate("never run", "", 0.0)
        path = self.folder / mutant.path
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_text(mutant.change.applied(mutant.source), encoding="utf-8")
        try:
            return self._run(["-m", "pytest", *tests], 30 + 2 * covering.seconds, write_bytecode=False)
        finally:
            path.write_text(mutant.source, encoding="utf-8")

    def _run(self, runner: list[str], limit: float | None, write_bytecode: bool) -> Fate:
        # Examples are drawn from fixed seeds and have no deadline: neither luck nor a busy machine decides.
        options = [
            "-x",
            "-q",
            "--tb=line",
            "-m",
            "not slow",
            "-p",
            "no:cacheprovider",
            "--hypothesis-profile=ci",
        ]
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "src")}
        if not write_bytecode:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *runner, *options],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Fate("killed by time", "", time.monotonic() - start)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # tests start processes of their own
            process.wait()
        seconds = time.monotonic() - start
        if process.returncode == 0:
            return Fate("survived", "", seconds)
        failed = re.findall(r"^(?:FAILED|ERROR) (.*)$", output, re.MULTILINE)
        return Fate("killed", failed[0] if failed else output[-300:], seconds)
