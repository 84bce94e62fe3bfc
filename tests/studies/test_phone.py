"""The phone study."""

from pathlib import Path

import pytest

from ahasd.experiments.carry_out import Running
from ahasd.experiments.search.definition import Search, read_search
from ahasd.experiments.search.evaluate import Evaluated
from ahasd.studies.phone.mapping import MAPPINGS, TREES, maps, trace_of
from ahasd.studies.phone.study import smallest_of_alike
from ahasd.text_files import read_text
from ahasd.traces.resolve import resolve_draft_trace
from ahasd.traces.tree.trace import TreeTrace
from ahasd.yaml_text import parse_yaml

FILE = Path(__file__).parents[2] / "studies" / "phone.yaml"
BASE = {"pair": "tiny-draft:tiny-target", "tokens": 8, "fidelity": "first-order", "hardware": "module-mac"}


def the_search() -> Search:
    return read_search(parse_yaml(read_text(FILE, "search"), "phone"), "phone")


def test_the_file_asks_within_area_power_and_latency_for_tokens_per_joule() -> None:
    search = the_search()
    assert search.objectives[0].text == "joules_per_token:min"
    assert {one.figure for one in search.constraints} == {"area_mm2", "average_power_w", "tpot_s"}


def test_the_best_mapping_of_each_place_is_the_largest_of_its_runs() -> None:
    from ahasd import simulate

    pair, acceptance = "llama-3.2-1b:llama-3.1-8b", 0.8
    base = {name: value for name, value in BASE.items() if name != "pair"}
    found = maps(base, Running(), [pair], [8], [acceptance])
    (place,) = found.by_speed
    speeds = {
        name: max(
            simulate(
                **base, pair=pair, weight_bits=8, system=system, algorithm="fixed:4",
                trace=trace_of(acceptance, system),
            ).tokens_per_second  # type: ignore[attr-defined]
            for system in systems
        )
        for name, systems in MAPPINGS.items()
    }  # fmt: skip
    best = max(speeds, key=lambda name: speeds[name])
    assert place.best == best
    second = max(value for name, value in speeds.items() if name != best)
    assert place.lead == pytest.approx(speeds[best] / second)


def test_of_points_that_do_the_same_the_smallest_is_checked() -> None:
    def point(speed: float, joules: float, area: float) -> Evaluated:
        return Evaluated({}, {"tokens_per_second": speed, "joules_per_token": joules, "area_mm2": area})

    large, small = point(10, 1, 9), point(9.9, 1.01, 8)
    faster, frugal = point(11, 1.01, 9), point(10, 0.9, 9)
    assert smallest_of_alike([frugal, large, small, faster]) == [frugal, small, faster]


@pytest.mark.parametrize("acceptance", [0.5, 0.9])
def test_the_first_head_is_right_as_often_as_the_draft_is_accepted(acceptance: float) -> None:
    for system in TREES:
        trace = resolve_draft_trace(trace_of(acceptance, system))
        assert isinstance(trace, TreeTrace)
        ranks = trace.true_rank[:, 0]
        assert (ranks[ranks > -2] == 0).mean() == pytest.approx(acceptance, abs=0.03)


def test_trees_lead_where_heads_are_right_and_a_second_model_costs_much() -> None:
    base = {**BASE, "tokens": 32}
    del base["pair"]
    (place,) = maps(base, Running(), ["llama2-7b:llama2-13b"], [4], [0.9]).by_speed
    assert place.best == "tree"


def test_what_fits_nowhere_has_no_best() -> None:
    base = {**BASE, "memory.rank_capacity_gib": 0.01}
    del base["pair"]
    found = maps(base, Running(), ["llama2-7b:llama2-13b"], [16], [0.8])
    assert found.by_speed[0].best is None
    assert found.by_energy[0].best is None
