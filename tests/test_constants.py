"""Constants of a module are documented in one way: by ``#:`` lines right before them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path for folder in ("src", "scripts", "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_constants_are_documented_before_they_stand(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines, body = text.splitlines(), ast.parse(text).body
    loose = [
        node.lineno
        for node in body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    assert not loose, "a text that documents nothing, or what stands before it"
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            before = lines[node.lineno - 2] if node.lineno > 1 else ""
            assert not before.startswith("#") or before.startswith("#:"), (node.lineno, before)
            beside = lines[node.end_lineno - 1].partition("  # ")[2]
            assert not beside or beside.startswith(("noqa", "type:", "fmt:")), (node.lineno, beside)
