"""What the mutation script changes in a source, and what it leaves alone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from mutation.covering import Covering
from mutation.equivalent import read_equivalent
from mutation.find_changes import find_changes
from mutation.sample import Mutant, draw

UNTOUCHED = '''
"""Docstring with 3 numbers."""
__all__ = ["a", "b"]
@cache(maxsize=3)
def name(argument: list[int] | None) -> dict[str, 2]:
    """Another."""
    log.info("told", 1)
    assert argument, "message"
    text = f"{argument + 1} of {not argument}"
    return text
class Shown(Base, kind=1):
    size: Literal[4]
    def __repr__(self): return 1 + 2
'''


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("x = a + b", {"x = a - b"}),
        ("x = (a) * (  # times\n b)", {"x = (a) / (  # times\n b)"}),
        ("x = a < b", {"x = a <= b", "x = a >= b"}),
        ("x = a not  in b", {"x = a in b"}),
        ("x = a and b and c", {"x = a or b and c", "x = a and b or c"}),
        ("x = not a", {"x = (a)"}),
        ("x = 3", {"x = 4", "x = 2", "x = 6"}),
        ("x = 0.5", {"x = 1.0"}),
        ("x = True", {"x = False"}),
        ("x = min(a, b)", {"x = max(a, b)"}),
        ("x = f(a, b=c)", {"x = f(a)"}),
        ("x = f(b=c, d=e)", {"x = f(, d=e)", "x = f(b=c)"}),
        ("x = a if b else c", {"x = c if b else a"}),
        ("if a: f()", {"if not (a): f()", "if a: pass"}),
        ("x += 'ä'", {"pass", "x -= 'ä'"}),
        ("x.y = 'ä', z", {"pass"}),
        ("raise ValueError(3)", {"pass"}),
        (UNTOUCHED, set()),
    ],
)
def test_a_source_has_these_changes(source: str, changed: set[str]) -> None:
    assert {change.applied(source) for change in find_changes(source)} == changed


def test_places_are_lines_that_become_another_program() -> None:
    source = "x = f(b=c, d=e)\n\ny = 1  # one\nz = w\n"
    drawn = draw([Mutant("src/a.py", source, change) for change in find_changes(source)], 9, seed=0)
    assert sorted(mutant.change.line for mutant in drawn) == [1, 3]
    assert {mutant.key[2] for mutant in drawn} <= {"x = f(b=c)", "y = 2 # one", "y = 0 # one"}


def test_the_list_of_equivalent_mutants_reads_and_gives_reasons(tmp_path: Path) -> None:
    assert all(read_equivalent().values())
    listed = tmp_path / "list.txt"
    listed.write_text("# About.\nsrc/a.py\n- x = 1\n+ x = 2\n  Because\n  of that.\n\n", encoding="utf-8")
    assert read_equivalent(listed) == {("src/a.py", "x = 1", "x = 2"): "Because of that."}
    listed.write_text("src/a.py\n- x = 1\n+ x = 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="reason"):
        read_equivalent(listed)


def test_a_mutant_meets_the_tests_of_its_line_first_then_those_of_its_file_then_the_others() -> None:
    source = "def f():\n    return a + b\n"
    covering = Covering(
        seconds=1.0,
        tests={"slow_here": 3.0, "quick_here": 1.0, "in_file": 2.0, "elsewhere": 0.1},
        lines={"src/ahasd/hardware/a.py": {"2": ["slow_here", "quick_here"], "9": ["in_file"]}},
        files={},
        unwatched=("tests/changed.py",),
    )
    (change,) = find_changes(source)
    order = covering.order(Mutant("src/ahasd/hardware/a.py", source, change))
    assert order == ["quick_here", "slow_here", "tests/changed.py", "in_file", "elsewhere"]


def test_a_line_that_no_test_runs_meets_only_tests_that_nobody_watched() -> None:
    source = "def f():\n    return a + b\n"
    covering = Covering(
        1.0, {"here": 1.0}, {"src/ahasd/hardware/a.py": {"9": ["here"]}}, {}, ("tests/changed.py",)
    )
    (change,) = find_changes(source)
    assert covering.order(Mutant("src/ahasd/hardware/a.py", source, change)) == ["tests/changed.py"]
