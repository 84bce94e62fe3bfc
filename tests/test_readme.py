"""The README's figures are those that the code gives today."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "scripts" / "update_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_the_tables_of_the_demo(script: ModuleType) -> None:
    tables = script.demo_tables()
    assert tables.count("npu-pim-async+aau") == 2
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script.with_block(readme, "demo", tables) == readme


def test_the_readme_shows_the_ablation(script: ModuleType) -> None:
    table = script.ablation_rows()
    assert table.count("paper") == 4
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert table in readme
    assert script.with_block(readme, "ablation", table) == readme


def test_the_demo_of_the_makefile_is_that_of_the_readme(script: ModuleType) -> None:
    command = re.sub(r"\s*\\\n\s*", " ", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert f"--systems {','.join(script.SYSTEMS)} " in command
    assert f"--hardware {','.join(script.HARDWARE)} " in command
    assert f"--seeds {len(script.SEEDS)} " in command
    assert "--pair llama2-7b:llama2-13b --algorithm adaedl:calibrated " in command
