"""The script that holds results of two versions against each other."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

PANEL = runpy.run_path(str(Path(__file__).parent.parent / "scripts" / "result_panel.py"))


def panel(folder: Path, document: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(document))
    return folder


OLD = {
    "seconds": 1.5,
    "hardware": {"pim": {"aau_lanes": {"value": 16, "source": "s"}, "banks": {"value": 4}}},
}
NEW = {
    "seconds": 1.5,
    "hardware": {"pim": {"banks": {"value": 4}}, "aau": {"lanes": {"value": 16, "source": "s"}}},
}


def test_a_name_that_moved_is_no_difference(tmp_path: Path) -> None:
    assert PANEL["compare"](panel(tmp_path / "old", OLD), panel(tmp_path / "new", NEW)) == []


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (NEW | {"seconds": 1.25}, ".seconds: 1.5 -> 1.25"),
        (
            NEW
            | {"hardware": {"pim": {"banks": {"value": 4}}, "aau": {"lanes": {"value": 8, "source": "s"}}}},
            ".hardware.aau.lanes.value: 16 -> 8",
        ),
    ],
)
def test_a_value_that_moved_is_one(tmp_path: Path, changed: dict[str, Any], difference: str) -> None:
    found = PANEL["compare"](panel(tmp_path / "old", OLD), panel(tmp_path / "new", changed))
    assert found == [f"results.json: {difference}"]
    other_way = {"seconds": 1.5, "hardware": OLD["hardware"]}
    assert PANEL["compare"](tmp_path / "old", panel(tmp_path / "same", other_way)) == []
