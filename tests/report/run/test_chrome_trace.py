"""Timelines of the simulator and of the runtime: tasks that do not overlap, and counters that add up."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from ahasd.decoding.run_steps import RunStep, RunSteps
from ahasd.report.run.chrome_trace import FATE_COLOURS, chrome_trace
from ahasd.report.run.runtime_trace import draft_fates, runtime_trace
from ahasd.speculation.model_step import Fate
from ahasd.systems.simulate import configure, start


@pytest.fixture(scope="module")
def run() -> Any:
    options = {"trace": "synthetic:acceptance=0.8,auc=0.7,positions=400", "tokens": 48, "system": "ahasd"}
    found = start(configure(options)[1])
    found.simulate()
    return found


def counters(document: dict[str, Any]) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for event in document["traceEvents"]:
        if event["ph"] == "C":
            (value,) = event["args"].values()
            found[event["name"]].append((event["ts"], value))
    return found


def test_every_fate_has_a_colour() -> None:
    assert set(FATE_COLOURS) == {str(fate) for fate in Fate}


def test_the_power_over_time_is_the_energy_of_the_work(run: Any) -> None:
    found = counters(chrome_trace(run.outcome))["power of the work"]
    assert found[-1][1] == pytest.approx(0.0, abs=1e-6)
    joules = sum((after - time) * 1e-6 * watts for (time, watts), (after, _) in pairwise(found))
    expected = sum(run.outcome.timeline.energy(run.outcome.end).values())
    assert joules == pytest.approx(expected, rel=1e-9)


def test_llr_counts_batches_within_its_width(run: Any) -> None:
    found = counters(chrome_trace(run.outcome))["LLR"]
    most = (1 << run.resolved.system.edc_options.llr_bits) - 1
    assert all(0 <= value <= most for _, value in found)
    assert {value for _, value in found} >= {0, 1, 2}
    assert [time for time, _ in found] == sorted(time for time, _ in found)
    assert all(before != after for (_, before), (_, after) in pairwise(found))


def test_queues_and_counters_end_with_the_run(run: Any) -> None:
    end = run.outcome.end / 1e6
    found = counters(chrome_trace(run.outcome))
    assert {"unverified_drafts", "feedback", "LLR", "power of the work"} <= set(found)
    assert all(0 <= time <= end for changes in found.values() for time, _ in changes)


def test_tasks_bear_the_colour_of_their_fate(run: Any) -> None:
    tasks = [event for event in chrome_trace(run.outcome)["traceEvents"] if event["ph"] == "X"]
    assert {event["args"]["fate"] for event in tasks} >= {"accepted", "rejected", "used"}
    assert all(event["cname"] == FATE_COLOURS[event["args"]["fate"]] for event in tasks)


def step(kind: Any, side: Any, start: float, tokens: int, new: int) -> RunStep:
    return RunStep(kind, side, start, 0.5, tokens, new)


#: Two rounds of three drafted tokens: two of the first and all of the second are accepted; one that nobody judged.
TURNS = (
    step("prefill", "target", 0.0, 9, 1),
    step("prefill", "draft", 1.0, 9, 0),
    *(step("draft", "draft", 2.0 + place, 1, 0) for place in range(3)),
    step("verify", "target", 5.0, 4, 3),
    *(step("draft", "draft", 6.0 + place, 1, 0) for place in range(3)),
    step("verify", "target", 9.0, 4, 4),
    step("draft", "draft", 10.0, 1, 0),
)


def test_drafts_bear_the_fate_of_their_place_in_the_round() -> None:
    assert draft_fates(TURNS) == {
        2: "accepted", 3: "accepted", 4: "rejected", 6: "accepted", 7: "accepted", 8: "accepted", 10: "in_flight",
    }  # fmt: skip
    one = (*TURNS[:5], step("verify", "target", 5.0, 4, 1))
    assert draft_fates(one) == {2: "rejected", 3: "flushed", 4: "flushed"}


def test_the_runtime_has_a_process_for_each_run_and_tracks_without_overlap() -> None:
    steps = RunSteps("speculative", "fixed:3", TURNS, ((5.5, 4), (9.5, 8)))
    document = runtime_trace({"a": steps, "b": RunSteps("async", "amusd", TURNS, ())})
    tasks = [event for event in document["traceEvents"] if event["ph"] == "X"]
    assert len(tasks) == 2 * len(TURNS)
    for process in (1, 2):
        for track in (1, 2):
            own = sorted(
                (event["ts"], event["dur"])
                for event in tasks
                if (event["pid"], event["tid"]) == (process, track)
            )
            assert all(at + took <= after for (at, took), (after, _) in pairwise(own))
            side = "target" if track == 1 else "draft"
            assert sum(took for _, took in own) == sum(one.seconds * 1e6 for one in TURNS if one.side == side)
    assert counters(document)["tokens"] == [(5.5e6, 4), (9.5e6, 8)]
    assert not any("fate" in event["args"] for event in tasks if event["pid"] == 2)
