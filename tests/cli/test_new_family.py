"""A family joins by its folder and its name in the list, and is then listed, run and reported like all others."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ahasd as package
from ahasd.hardware.preset.preset import load_preset
from ahasd.systems import families
from ahasd.systems.simulate import simulate

EXAMPLE = Path(__file__).parents[2] / "examples" / "new_family"
ELEMENTS = 1_000_000


@pytest.fixture
def summing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example's folder in the package, and its name in the list."""
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(EXAMPLE)])
    monkeypatch.setattr(families, "FAMILIES", (*families.FAMILIES, "summing"))
    families.load_family.cache_clear()
    yield
    families.load_family.cache_clear()


@pytest.mark.usefixtures("summing")
def test_a_new_family_is_run_like_all_others() -> None:
    result = simulate(system="sums", set=("system.repeats=10",))
    assert result.family == "summing"
    assert result.work.done == 10
    # A launch each time, and no longer than one addition an element and as many bytes in and out would take.
    npu = load_preset("module-mac").hardware.require_npu()
    at_most = npu.launch_us * 1e-6 + ELEMENTS / (npu.vector_tops * 1e12)
    assert 10 * npu.launch_us * 1e-6 < result.seconds <= 10 * at_most
    document = result.model_dump()
    assert document["summing"] == {"additions": 10 * ELEMENTS}
    assert "speculation" not in document


@pytest.mark.usefixtures("summing")
def test_its_frozen_configuration_gives_the_same_result() -> None:
    first = simulate(system="sums", set=("system.repeats=3",))
    again = simulate(**first.reproduce)
    assert again == first


@pytest.mark.usefixtures("summing")
def test_the_command_line_knows_it(
    succeeds: Callable[..., str], refused: Callable[..., str], tmp_path: Path
) -> None:
    assert "sums " in succeeds("list", "systems")
    text = succeeds("run", "--system", "sums", "--set", "system.repeats=4", "--output", tmp_path)
    assert "sums on module-mac" in text
    assert text.splitlines()[0].endswith(" W.")
    assert json.loads((tmp_path / "results.json").read_text())["work"] == {"done": 4, "unit": "sum"}
    again = succeeds("run", "--config", tmp_path / "config.json")
    assert again == text
    assert "unknown key 'pair'" in refused("run", "--system", "sums", "--pair", "opt-1.3b:opt-6.7b")
    assert "--breakdown" in refused("run", "--system", "sums", "--breakdown")
    assert "unknown --set key 'system.repeat'" in refused(
        "run", "--system", "sums", "--set", "system.repeat=4"
    )
