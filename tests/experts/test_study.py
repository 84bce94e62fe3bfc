"""The page on copying misses shows what the schedules give today."""

import re
from pathlib import Path

import numpy as np
import pytest

from ahasd.experts.layer_schedule.assignment import times
from ahasd.experts.layer_schedule.costs import ExpertWork, LayerCosts
from ahasd.experts.layer_schedule.schedules import layer_schedule, without_contention

PAGE = (Path(__file__).parents[2] / "docs" / "studies" / "experts.md").read_text(encoding="utf-8")
ROWS = [
    [float(cell.strip().rstrip("%")) for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d", line)
]
EXPERT, TOKENS = 8e6, 400
#: Measured together, where that was done.
TOGETHER = {(29.97, 13.09): (21.89, 8.41)}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_table_is_what_the_schedules_give(row: list[float]) -> None:
    host, memory, link, resident, believes, gets, best, bound = row
    slowed = min(1.0, memory / (host + link))
    both = TOGETHER.get((host, link), (host * slowed, link * slowed))
    costs = LayerCosts(2e-5, EXPERT / host / 1e9, EXPERT / link / 1e9, 0.0, both[0] / host, both[1] / link)
    draws = np.random.Generator(np.random.PCG64(0))
    ends = dict.fromkeys(("host", "hybrimoe", "balanced"), 0.0)
    believed = 0.0
    for _ in range(TOKENS):
        works = [ExpertWork(place, 1, bool(draws.random() < resident / 100)) for place in range(8)]
        for name in ends:
            ends[name] += times(layer_schedule(name).assign(works, costs), costs).end
        believed += times(layer_schedule("hybrimoe").assign(works, costs), without_contention(costs)).end
    assert ends["host"] / believed == pytest.approx(believes, abs=0.006)
    assert ends["host"] / ends["hybrimoe"] == pytest.approx(gets, abs=0.006)
    assert ends["host"] / ends["balanced"] == pytest.approx(best, abs=0.006)
    assert sum(both) / host == pytest.approx(bound, abs=0.006)


def test_the_table_has_rows() -> None:
    assert len(ROWS) == 7
