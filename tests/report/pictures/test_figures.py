"""Figures say what the results say."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.gantt import gantt, queue_depth
from ahasd.report.pictures.runs.tasks import TASK_NAMES
from ahasd.report.pictures.speculation.token_time import NOTHING, group_of, shares_of_time
from ahasd.report.pictures.view import Window

from .conftest import Ran


def figures(ran: Ran, window: Window | None = None) -> dict[str, Figure]:
    return {figure.name: figure for figure in ran.view.show(ran.document, ran.details, window).figures}


def test_a_token_is_made_of_its_parts(asynchronous: Ran) -> None:
    rows = figures(asynchronous)["token-time"].columns.records()
    *parts, whole = rows
    assert whole["ms"] == pytest.approx(asynchronous.document["tpot_s"] * 1e3, rel=1e-9)
    assert sum(part["ms"] for part in parts) == pytest.approx(whole["ms"], rel=1e-9)
    for before, after in pairwise(parts):
        assert after["from_ms"] == pytest.approx(before["to_ms"])
    assert any(part["part"].startswith("target: feed-forward") for part in parts)


def tasks_of(rows: list[tuple[str, str, str, float, float]]) -> Columns:
    return Columns.of(TASK_NAMES, [(*row, 0.0, 0.0) for row in rows])


spans = st.tuples(
    st.sampled_from(["verify", "draft", "preverify"]),
    st.sampled_from(["used", "dropped"]),
    st.integers(0, 30),
    st.integers(1, 12),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(spans, max_size=8))
def test_every_moment_counts_once(drawn: list[tuple[str, str, int, int]]) -> None:
    """Held against a count of whole seconds, one after the other."""
    seconds = 40
    tasks = [
        ("npu", kind, fate, float(start), float(min(seconds, start + length)))
        for kind, fate, start, length in drawn
    ]
    found = shares_of_time(tasks_of(tasks), float(seconds))
    assert sum(found.values()) == pytest.approx(seconds)
    expected = dict.fromkeys((NOTHING, "drafting alone", "target, in memory"), 0)
    for second in range(seconds):
        on = {kind for _, kind, _, start, end in tasks if start <= second < end}
        if "verify" not in on:
            name = (
                "target, in memory" if "preverify" in on else "drafting alone" if "draft" in on else NOTHING
            )
            expected[name] += 1
    for name, count in expected.items():
        assert found.get(name, 0.0) == pytest.approx(count), name


def test_a_pass_in_vain_counts_apart() -> None:
    tasks = tasks_of([("npu", "verify", "used", 0.0, 2.0), ("npu", "verify", "dropped", 2.0, 5.0)])
    assert shares_of_time(tasks, 6.0) == {"target": 2.0, "target, in vain": 3.0, NOTHING: 1.0}


@pytest.mark.parametrize(
    ("operator", "group"),
    [
        ("layer.query", "attention"),
        ("layer.attention_norm", "attention"),
        ("layer.feed_forward_norm", "feed-forward"),
        ("layer.up", "feed-forward"),
        ("lm_head", "head"),
        ("embedding", "head"),
        ("norm", "the rest"),
    ],
)
def test_operators_are_told_apart_by_what_they_are_for(operator: str, group: str) -> None:
    assert group_of(operator) == group


def test_no_operator_lies_above_its_roof(asynchronous: Ran) -> None:
    rows = figures(asynchronous)["roofline"].columns.records()
    points = [row for row in rows if row["what"] == "operator"]
    assert {row["device"] for row in points} == {"npu", "pim"}
    for point in points:
        roof = sorted(
            (row["macs_per_byte"], row["macs_per_second"])
            for row in rows
            if row["what"] == "roof" and row["device"] == point["device"]
        )
        x, y = point["macs_per_byte"], point["macs_per_second"]
        for (x0, y0), (x1, y1) in pairwise(roof):
            if x0 <= x <= x1:  # both axes are of proportions, and a roof's parts are lines there
                assert y <= (y0 + (x - x0) / (x1 - x0) * (y1 - y0)) * (1 + 1e-9)
    assert sum(1 for row in points if row["step"] == "verification") > 5


def test_the_histogram_and_the_energies_are_those_of_the_result(asynchronous: Ran) -> None:
    found, document = figures(asynchronous), asynchronous.document
    histogram = {str(row["accepted"]): row["passes"] for row in found["accepted"].columns.records()}
    assert histogram == {
        str(key): value for key, value in document["speculation"]["accepted_histogram"].items()
    }
    joules = {row["component"]: row["joules"] for row in found["energy"].columns.records()}
    assert joules == {name: value for name, value in document["energy_j"].items() if value}
    for row in found["devices"].columns.records():
        assert row["share"] == document["devices"][row["device"]][row["state"]]


def test_acceptance_by_entropy_holds_every_position_once(asynchronous: Ran) -> None:
    rows = figures(asynchronous)["entropy"].columns.records()
    assert sum(row["tokens"] for row in rows) == 400
    trace = asynchronous.run.resolved.trace
    mean = sum(row["tokens"] * row["acceptance"] for row in rows) / 400
    assert mean == pytest.approx(trace.mean_acceptance, rel=1e-6)
    assert [row["entropy_nats"] for row in rows] == sorted(row["entropy_nats"] for row in rows)
    assert all(row["low"] <= row["acceptance"] <= row["high"] for row in rows)


def test_a_window_cuts_tasks_at_its_ends(asynchronous: Ran) -> None:
    tasks = asynchronous.details["tasks"]
    window = Window(0.5, 1.25)
    figure = gantt(tasks, window)
    assert figure is not None
    for row in figure.columns.records():
        assert window.start_s <= row["start_s"] < row["end_s"] <= window.end_s
    inside = sum(max(0.0, min(task["end_s"], 1.25) - max(task["start_s"], 0.5)) for task in tasks.records())
    assert sum(row["end_s"] - row["start_s"] for row in figure.columns.records()) == pytest.approx(inside)
    assert gantt(tasks, Window(1e6, 2e6)) is None
    assert gantt(Columns(TASK_NAMES), None) is None


def test_the_depth_of_a_queue_goes_on_from_before_the_window() -> None:
    queues = Columns.of(
        ("queue", "time_s", "entries"), [("a", 0.1, 1), ("a", 0.4, 2), ("a", 0.9, 0), ("b", 0.2, 0)]
    )
    figure = queue_depth(queues, Window(0.2, 0.5), None)
    assert figure is not None
    assert figure.columns.rows == (("a", 0.2, 1), ("a", 0.4, 2), ("a", 0.5, 2))


def test_tasks_add_up_to_the_busy_time_of_the_result(asynchronous: Ran) -> None:
    document = asynchronous.document
    for name, shares in document["devices"].items():
        busy = sum(
            task["end_s"] - task["start_s"] - task["blocked_s"]
            for task in asynchronous.details["tasks"].records()
            if task["device"] == name
        )
        assert busy == pytest.approx(shares["busy"] * document["seconds"], rel=1e-9)


def test_hits_over_time_add_up_to_the_rate_of_the_result(experts: Ran) -> None:
    decode = experts.document["experts"]["decode"]
    passes = experts.details["passes"].records()
    written = [one for one, of in zip(passes, experts.run.placed.passes, strict=True) if of.written]
    assert sum(one["needed"] for one in written) == decode["needed"]
    assert sum(one["resident"] for one in written) == decode["hits"] + decode["ahead_used"]
    assert sum(one["copied"] for one in written) == decode["copied"]
    assert sum(one["on_host"] for one in written) == decode["on_host"]
    assert 0 < decode["hit_rate"] < 1
    rows = figures(experts)["hits"].columns.records()
    assert [row["hit_rate"] for row in rows] == [one["resident"] / one["needed"] for one in passes]


def test_nodes_of_trees_add_up_to_what_was_drafted_and_accepted(trees: Ran) -> None:
    about, nodes = trees.document["speculation"], trees.run.outcome.trees.nodes()
    assert sum(count.trees for count in nodes.values()) == about["drafted"]
    assert sum(count.accepted for count in nodes.values()) == about["accepted"]
    sizes = trees.run.outcome.trees.sizes()
    assert sum(sizes.values()) == about["verifications"]
    assert sum(size * count for size, count in sizes.items()) == about["drafted"]


def test_a_tree_is_drawn_with_every_node_in_a_place_of_its_own_behind_its_parent(trees: Ran) -> None:
    rows = figures(trees)["tree"].columns.records()
    places = {row["path"]: (row["depth"], row["place"]) for row in rows}
    assert len(set(places.values())) == len(rows) == min(63, len(trees.details["tree_nodes"].rows)) + 1
    for row in rows[1:]:
        parent = row["path"].rpartition(".")[0]
        assert (row["from_depth"], row["from_place"]) == places[parent]
        assert row["depth"] == row["from_depth"] + 1
        assert 0 <= row["accepted"] <= 1
        assert 0 < row["in_trees"] <= 1
    children = [row for row in rows[1:] if row["from_depth"] == 0]
    assert sum(row["in_trees"] * row["accepted"] for row in children) <= 1  # at most one of them is right
    by_rank = sorted(children, key=lambda row: int(row["path"]))
    assert [row["place"] for row in by_rank] == sorted(row["place"] for row in children)
