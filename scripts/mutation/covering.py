"""Which tests of a room run which lines, so that a mutant meets first the tests that can notice it."""

import ast
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    """

    seconds: float
    tests: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def order(self, mutant: Mutant) -> list[str]:
        """Tests for a mutant: the quick ones first of those that run its line, and no others if it runs nowhere else.

        A line outside of functions runs on import: those tests come first that run any line of its file.
        """
        of_file = self.lines.get(mutant.path, {})
        runs = {
            test
            for line in statement_lines(mutant.source, mutant.change.line)
            for test in of_file.get(str(line), [])
        }
        first = runs - {OUTSIDE}
        everywhere = OUTSIDE in runs or mutant.room in PROCESSES
        nearby = {test for tests in of_file.values() for test in tests} - {OUTSIDE} if everywhere else set()
        rest = set(self.tests) if everywhere else set()
        ordered = [*self._quick_first(first), *self._quick_first(nearby), *self._quick_first(rest)]
        return list(dict.fromkeys(ordered))

    def _quick_first(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.tests.get(test, 0.0), test))


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


def read_covering(root: Path, measured: Path, timed: Path, seconds: float) -> Covering:
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
    return Covering(seconds, tests, lines)


def fingerprint(root: Path, folders: Iterable[str]) -> str:
    """Digest of the Python files in some folders."""
    digest = hashlib.sha256()
    for path in _python_files(root, folders):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _python_files(root: Path, folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def save(covering: Covering, path: Path) -> None:
    """Write to a file for the next run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(covering)), encoding="utf-8")


def load(path: Path) -> Covering:
    """Read what :func:`save` wrote."""
    return Covering(**json.loads(path.read_text(encoding="utf-8")))
