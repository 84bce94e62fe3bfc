"""No negative, infinite or undefined figure leaves a result."""

from typing import Any

import pytest

from ahasd import simulate
from ahasd.errors import AhasdError
from ahasd.family.figures import check_figures
from ahasd.speculation.results import SpeculationResult


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return simulate(trace="synthetic:positions=400", tokens=16, prompt_tokens=8).model_dump()


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the floats of a document stand."""
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in paths(part, (*path, key))]
    if isinstance(value, list):
        return [found for place, part in enumerate(value) for found in paths(part, (*path, place))]
    return [path] if isinstance(value, float) else []


def changed(value: Any, path: tuple[Any, ...], to: float) -> Any:
    if not path:
        return to
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], to)
    return copy


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf"), -1e-9])
def test_every_figure_is_looked_at(document: dict[str, Any], wrong: float) -> None:
    assert SpeculationResult.model_validate(document)
    places = [path for path in paths(document) if path[0] not in ("options", "reproduce")]
    assert ("energy_j", "dram_offchip") in places
    assert ("speculation", "joules_wasted") in places
    for path in places:
        with pytest.raises(AhasdError, match=rf"impossible figure: {path[0]}.* is {wrong:g}"):
            SpeculationResult.model_validate(changed(document, path, wrong))


def test_the_error_names_what_was_changed() -> None:
    with pytest.raises(AhasdError, match=r"seconds is -2.* \(changed: npu\.clock_ghz=3\)"):
        check_figures({"seconds": -2.0}, ["a note", "changed: npu.clock_ghz=3"])


def test_what_was_asked_for_may_be_anything() -> None:
    check_figures({"options": {"x": -1}, "reproduce": {"y": float("nan")}, "fits": False, "tokens": 0}, [])
