"""Folders of the package import only those before them."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "ahasd"
ROOMS = (
    "workload",
    "hardware",
    "traces",
    "simulation",
    "family",
    "speculation",
    "systems",
    "decoding",
    "prediction",
    "experiments",
    "validation",
    "rtl",
    "benchmarking",
    "studies",
    "claims",
    "report",
    "cli",
)
#: Files beside the rooms, which any room may use.
COMMON = {"errors", "assignments", "invalid_values", "intervals", "processors", "__version__"}


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "ahasd" else [f"ahasd.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("ahasd.")}
    return found - COMMON


def test_every_folder_is_a_room() -> None:
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_before_it(room: str) -> None:
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    for path in (PACKAGE / room).rglob("*.py"):
        assert imported_rooms(path) <= allowed, path


def test_only_the_decoding_room_imports_torch() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] != "decoding":
            lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
            heavy = ("import torch", "import transformers", "from torch", "from transformers")
            assert not [line for line in lines if line.startswith(heavy)], path
