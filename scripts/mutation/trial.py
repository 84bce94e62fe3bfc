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

from mutation.sample import Mutant

#: Test folders of a room, below ``tests/``: its own.
TESTS = {room: (room,) for room in ("workload", "hardware", "simulation", "speculation", "decoding")}
#: Bytes of addresses for a test run: what an endless list may take before it counts as noticed.
MEMORY_BYTES = 16 << 30


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: ``killed`` (and by which test), ``killed by time``, or ``survived``."""

    name: str
    by: str
    seconds: float


class Copy:
    """A copy of the tracked and new files of a repository, in which tests run."""

    def __init__(self, folder: Path, limits: dict[str, float]) -> None:
        self.folder, self.limits = folder, limits

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
        return cls(folder, {})

    def again(self, folder: Path) -> "Copy":
        """Copy the copy, for tests that run at the same time."""
        shutil.copytree(self.folder, folder)
        return Copy(folder, self.limits)

    def check(self, room: str) -> float:
        """Run a room's tests on the source as it is, which sets their time limit; return their seconds.

        Raises
        ------
        RuntimeError
            They fail.
        """
        fate = self._run(self._tests(room), limit=None, write_bytecode=True)
        if fate.name != "survived":
            raise RuntimeError(f"the tests of {room} fail on the source as it is: {fate.by}")
        self.limits[room] = 30 + 3 * fate.seconds
        return fate.seconds

    def try_mutant(self, mutant: Mutant) -> Fate:
        """Run the tests on a mutant until one fails, those first that name its module, and put the file back."""
        path = self.folder / mutant.path
        source = path.read_text(encoding="utf-8")
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_text(mutant.change.applied(source), encoding="utf-8")
        try:
            tests = self._tests(mutant.room, mutant.path)
            return self._run(tests, self.limits[mutant.room], write_bytecode=False)
        finally:
            path.write_text(source, encoding="utf-8")

    def _tests(self, room: str, path: str = "") -> list[str]:
        """Test files of a room, those first that import from a module, then those nearest to it."""
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")[1:]

        def distance(test: Path) -> tuple[bool, int, str]:
            imports = f"from {'.'.join(parts)} import" in test.read_text(encoding="utf-8")
            return not imports, -len(set(parts) & set(test.parts)), str(test)

        tests = [
            test for folder in TESTS[room] for test in (self.folder / "tests" / folder).rglob("test_*.py")
        ]
        return [str(test.relative_to(self.folder)) for test in sorted(tests, key=distance)]

    def _run(self, tests: list[str], limit: float | None, write_bytecode: bool) -> Fate:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=line", "-m", "not slow"]
        # Examples are drawn from fixed seeds and have no deadline: neither luck nor a busy machine decides.
        command += ["-p", "no:cacheprovider", "--hypothesis-profile=ci", *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "src")}
        if not write_bytecode:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        start = time.monotonic()
        process = subprocess.Popen(
            command,
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
