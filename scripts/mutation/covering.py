"""Which tests of a room run which lines, so that a mutant meets first the tests that can notice it."""

import ast
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

from mutation.sample import Mutant

#: Rooms whose tests start processes, in which lines run unseen.
PROCESSES = {"decoding"}
#: Where lines run that run outside a test: when modules are imported and fixtures are made.
OUTSIDE = ""


@dataclass(frozen=True)
class Covering:
    """What the tests of a room take, and what they run.

    Attributes
    ----------
    seconds
        All tests together.
    tests
        Seconds of each test, by its address (``tests/room/test_file.py::test_name``), all its parameters together.
    lines
        By file and number (as text), the tests that run the line; :data:`OUTSIDE` if it runs outside tests.
    files
        Digests of the files of the room and its tests as they were.
    unwatched
        Test files that have changed since.
    """

    seconds: float
    tests: dict[str, float]
    lines: dict[str, dict[str, list[str]]]
    files: dict[str, str]
    unwatched: tuple[str, ...] = ()

    def now(self, root: Path, folders: Iterable[str]) -> "Covering":
        """What of it still holds: of source files that have changed nothing is known, nor of changed tests."""
        files = digests(root, folders)
        same = {path for path, digest in files.items() if self.files.get(path) == digest}
        return Covering(
            self.seconds,
            {test: seconds for test, seconds in self.tests.items() if test.partition("::")[0] in same},
            {path: lines for path, lines in self.lines.items() if path in same},
            files,
            tuple(sorted(path for path in files if Path(path).name.startswith("test_") and path not in same)),
        )

    def order(self, mutant: Mutant) -> list[str]:
        """Tests for a mutant: the quick ones of those that run its line, then those of its file, then all others.

        All others, because what is cached runs in the first test alone that asks for it, and on import before any.
        A line that nothing runs has no tests but those that nobody watched.
        """
        of_file = self.lines.get(mutant.path, {})
        runs = {
            test
            for line in statement_lines(mutant.source, mutant.change.line)
            for test in of_file.get(str(line), [])
        }
        first = self._quick_first(runs & set(self.tests))
        if of_file and not runs and mutant.room not in PROCESSES:
            return list(self.unwatched)
        nearby = set(self.tests) & {test for tests in of_file.values() for test in tests}
        ordered = [*first, *self.unwatched, *self._quick_first(nearby), *self._quick_first(self.tests)]
        return list(dict.fromkeys(ordered))

    def _quick_first(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.tests[test], test))


def statement_lines(source: str, line: int) -> range:
    """Lines of the innermost statement around a line; of one that has a body, those above the body."""
    found = range(line, line + 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line:
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else (node.end_lineno or node.lineno)
            if line <= max(end, node.lineno):
                found = range(node.lineno, max(end, node.lineno) + 1)
    return found


def read_covering(
    root: Path, folders: Iterable[str], measured: Path, timed: Path, seconds: float
) -> Covering:
    """Read what coverage.py (with contexts of test functions) and pytest (JUnit's XML) wrote down."""
    from coverage import CoverageData

    tests: dict[str, float] = {}
    addresses: dict[str, set[str]] = defaultdict(set)
    for case in ElementTree.parse(timed).iter("testcase"):
        module, name = case.attrib["classname"], case.attrib["name"].partition("[")[0]
        address = f"{module.replace('.', '/')}.py::{name}"
        addresses[name].add(address)
        tests[address] = tests.get(address, 0.0) + float(case.attrib["time"])
    data = CoverageData(str(measured))
    data.read()
    lines = {
        str(Path(file).relative_to(root)): {
            # By the name of the function alone: Hypothesis runs it in a module of its own.
            str(line): sorted(
                set().union(*(addresses[name.rpartition(".")[2]] or {OUTSIDE} for name in names))
            )
            for line, names in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return Covering(seconds, tests, lines, digests(root, folders))


def digests(root: Path, folders: Iterable[str]) -> dict[str, str]:
    """Digests of the Python files in some folders."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
    }


def save(covering: Covering, path: Path) -> None:
    """Write to a file for the next run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(covering)), encoding="utf-8")


def load(path: Path) -> Covering:
    """Read what :func:`save` wrote."""
    return Covering(**json.loads(path.read_text(encoding="utf-8")))
