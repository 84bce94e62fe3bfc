"""docs/model.md names every switch, and its figures are those that the code gives today."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from ahasd.speculation.options.system import AsynchronousSystem

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "update_model_doc.py"
    spec = importlib.util.spec_from_file_location("update_model_doc", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def document() -> str:
    return (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


def test_every_switch_is_explained_before_its_cost_is_told(script: ModuleType, document: str) -> None:
    explained = document.partition("<!-- costs -->")[0]
    assert sorted(script.SWITCHES) == AsynchronousSystem.switches()
    for switch in script.SWITCHES:
        assert f"`{switch}`" in explained


@pytest.mark.parametrize(("setting", "pair"), [(0, 1), pytest.param(1, 0, marks=pytest.mark.slow)])
def test_a_column_of_the_costs_is_what_the_switches_add_today(
    script: ModuleType, document: str, setting: int, pair: int
) -> None:
    title = list(script.SETTINGS)[setting]
    table = document.partition(f"{title} (`")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()
    column = [line.split("|")[2 + pair].strip() for line in table if "---" not in line]
    assert column == [script.PAIRS[pair], *script.gains(script.PAIRS[pair], title)]
