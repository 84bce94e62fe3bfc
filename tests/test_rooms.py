"""The map of the house is that of the tree: rooms import only those above them, and what the map says."""

import ast
import re
from pathlib import Path

import pytest

from ahasd.systems.families import FAMILIES

PACKAGE = Path(__file__).parent.parent / "src" / "ahasd"
MAP = (PACKAGE.parents[1] / "docs" / "structure.md").read_text(encoding="utf-8")


def rows() -> dict[str, tuple[str, str]]:
    """What the map says of each room: what it imports, and the file to read first."""
    lines = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\| `([^`]+)` \|$", MAP, re.MULTILINE)
    return {room: (imports.strip(), first) for room, imports, first in lines}


ROOMS = tuple(rows())
#: Families are siblings: none imports another.
FAMILY_ROOMS = set(FAMILIES)
#: Files beside the rooms, which any room may use.
COMMON = {
    "errors",
    "invalid_values",
    "assignments",
    "intervals",
    "processors",
    "plain_text",
    "text_files",
    "whole_files",
    "yaml_text",
    "__version__",
}


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


def imports_of(room: str) -> set[str]:
    found = set()
    for path in (PACKAGE / room).rglob("*.py"):
        found |= imported_rooms(path)
    return found - {room}


def test_the_map_names_every_folder_once() -> None:
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ROOMS)
    assert all(MAP.count(f"\n| `{room}` |") == 1 for room in ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_above_it_and_those_that_the_map_names(room: str) -> None:
    above = ROOMS[: ROOMS.index(room)]
    imported = imports_of(room)
    assert imported <= set(above)
    stated, _ = rows()[room]
    if stated != "all above":
        assert imported == set(re.findall(r"`(\w+)`", stated))
    if room in FAMILY_ROOMS:
        assert not imported & FAMILY_ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_the_file_to_read_first_is_there(room: str) -> None:
    _, first = rows()[room]
    assert first.startswith(f"{room}/")
    assert (PACKAGE / first).is_file()


def test_whatever_the_map_points_at_is_there() -> None:
    for path in re.findall(r"`((?:\w+/)+\w+\.py)`", MAP):
        assert (PACKAGE / path).is_file() or (PACKAGE.parents[1] / path).is_file(), path
    for path in re.findall(r"\]\(\.\./([^)]+)\)", MAP):
        assert (PACKAGE.parents[1] / path).exists(), path


def test_only_the_decoding_room_imports_torch() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] != "decoding":
            lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
            heavy = ("import torch", "import transformers", "from torch", "from transformers")
            assert not [line for line in lines if line.startswith(heavy)], path
