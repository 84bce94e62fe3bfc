"""Cells of a comparison with chosen figures."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from ahasd import simulate
from ahasd.experiments.cell import Cell
from ahasd.speculation.results import SpeculationResult, SpeculationSection


def made_cell(
    system: str,
    speeds: Sequence[float],
    joules: Sequence[float],
    pair: str = "a:b",
    hardware: str = "module-mac",
    algorithm: str = "adaedl",
    **figures: Any,
) -> Cell:
    """A cell of a run for each speed and energy, all else that of one real run, or as given."""
    section = {name: figures.pop(name) for name in list(figures) if name in SpeculationSection.model_fields}
    about = _real_result().speculation.model_copy(update=section)
    results = []
    for speed, energy in zip(speeds, joules, strict=True):
        update = {
            "system": system,
            "tokens_per_second": speed,
            "joules_per_token": energy,
            "speculation": about,
        }
        results.append(_real_result().model_copy(update=update | figures))
    return Cell(pair, system, hardware, tuple(results), None, algorithm)


@cache
def _real_result() -> SpeculationResult:
    result = simulate(trace="synthetic:acceptance=0.8,auc=0.7,positions=200", tokens=16, system="npu")
    assert isinstance(result, SpeculationResult)
    return result
