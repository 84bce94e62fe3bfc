"""Measured cycles of HBM2-PIM; see tests/reference/README.md for where they come from."""

import csv
from pathlib import Path

import pytest
import yaml

from ahasd.hardware.dram.timing import DramTiming, timing_from_document
from ahasd.hardware.pim.commands import HBM2_PIM, elementwise_cycles, gemv_cycles

REFERENCE = Path(__file__).parents[2] / "reference"
FILES = [("pimsimulator_pim.csv", "timings.yaml"), ("more/pimsimulator_pim.csv", "more/timings.yaml")]


def timing_sets(name: str) -> dict[str, DramTiming]:
    documents = yaml.safe_load((REFERENCE / name).read_text())
    return {key: timing_from_document(key, document) for key, document in documents.items()}


def predicted(row: dict[str, str], timing: DramTiming) -> int:
    refresh = row["refresh"] == "on"
    outputs, batch = int(row["outputs"]), int(row["batch"])
    if row["op"] == "gemv":
        return gemv_cycles(timing, HBM2_PIM, outputs, int(row["inputs"]), batch, refresh)
    return elementwise_cycles(row["op"], timing, HBM2_PIM, outputs * batch, refresh)


def errors(rows: str, timings: str, refresh: str) -> list[float]:
    sets = timing_sets(timings)
    with (REFERENCE / rows).open(newline="") as lines:
        chosen = [row for row in csv.DictReader(lines) if row["refresh"] == refresh]
    return [abs(predicted(row, sets[row["timings"]]) / int(row["cycles"]) - 1) for row in chosen]


@pytest.mark.parametrize(("rows", "timings"), FILES)
@pytest.mark.parametrize(("refresh", "mean", "worst"), [("off", 0.005, 0.02), ("on", 0.01, 0.03)])
def test_measured_cycles_are_met(rows: str, timings: str, refresh: str, mean: float, worst: float) -> None:
    found = errors(rows, timings, refresh)
    assert len(found) > 25
    assert sum(found) / len(found) <= mean
    assert max(found) <= worst


@pytest.mark.parametrize(("rows", "timings"), FILES)
def test_they_are_met_exactly_since_the_schedule_is_the_same(rows: str, timings: str) -> None:
    assert max(errors(rows, timings, "off") + errors(rows, timings, "on")) == 0
