"""``--timeline``: the schedule as a Chrome trace."""

import json
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

Succeeds = Callable[..., str]
Events = list[dict[str, Any]]


def timeline(succeeds: Succeeds, tmp_path: Path, *options: str) -> tuple[dict[str, Events], dict[str, Any]]:
    """Events by the name of their track, and the result."""
    result = json.loads(succeeds("run", *options, "--timeline", "schedule.json", "--json"))
    document = json.loads((tmp_path / "schedule.json").read_text())
    names = {event["tid"]: event["args"]["name"] for event in document["traceEvents"] if event["ph"] == "M"}
    tracks: dict[str, Events] = defaultdict(list)
    for event in document["traceEvents"]:
        assert event["ph"] in "MXC"
        assert event["pid"] == 1
        if event["ph"] == "X":
            tracks[names[event["tid"]]].append(event)
    return tracks, result


SYSTEMS = ["npu", "npu-autoregressive", "pim-autoregressive", "npu-pim-async", "npu-pim-async+aau", "ahasd"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_device_does_one_task_at_a_time(
    succeeds: Succeeds, short: list[str], tmp_path: Path, system: str
) -> None:
    tracks, result = timeline(succeeds, tmp_path, *short, "--system", system, "--algorithm", "fixed:2")
    assert tracks.keys() <= result["devices"].keys()
    end_us = result["seconds"] * 1e6
    for events in tracks.values():
        events.sort(key=lambda event: event["ts"])
        assert events[0]["ts"] >= 0
        for event, following in pairwise(events):
            assert event["ts"] + event["dur"] <= following["ts"] + 1e-6
        assert events[-1]["ts"] + events[-1]["dur"] <= end_us + 1e-6
        assert all(event["dur"] > 0 for event in events)


@pytest.mark.parametrize("system", [name for name in SYSTEMS if name != "npu-pim-async"])
def test_tasks_add_up_to_the_busy_time(
    succeeds: Succeeds, short: list[str], tmp_path: Path, system: str
) -> None:
    # Without AAU, vector work of the PIM's steps keeps the NPU busy inside the PIM's tasks: not one of these.
    tracks, result = timeline(succeeds, tmp_path, *short, "--system", system, "--algorithm", "fixed:2")
    for name, shares in result["devices"].items():
        worked = sum(event["dur"] - event["args"]["blocked_us"] for event in tracks[name])
        assert worked == pytest.approx(shares["busy"] * result["seconds"] * 1e6, rel=1e-6, abs=1e-6), name


def test_tasks_are_named_by_kind_and_fate(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    tracks, result = timeline(succeeds, tmp_path, *short, "--system", "npu-pim-async+aau")
    drafts = [event for event in tracks["pim"] if event["cat"] == "draft"]
    for fate in ("accepted", "rejected", "flushed", "in_flight"):
        named = [event for event in drafts if event["name"] == f"draft ({fate})"]
        assert all(event["args"]["fate"] == fate for event in named)
        if fate in ("accepted", "rejected"):
            assert len(named) <= result["speculation"][fate]
    verified = [event for event in tracks["npu"] if event["cat"] == "verify"]
    assert (
        result["speculation"]["verifications"] <= len(verified) <= result["speculation"]["verifications"] + 1
    )
    joules = sum(event["args"]["joules"] for events in tracks.values() for event in events)
    static = result["energy_j"]["npu_static"] + result["energy_j"]["dram_idle"]
    assert joules == pytest.approx(sum(result["energy_j"].values()) - static, rel=1e-9)


def test_the_file_is_replaced_whole(succeeds: Succeeds, short: list[str], tmp_path: Path) -> None:
    (tmp_path / "schedule.json").write_text("earlier")
    timeline(succeeds, tmp_path, *short)
    assert [path.name for path in tmp_path.iterdir()] == ["schedule.json"]


def test_queues_are_counters_that_never_pass_their_capacity(
    succeeds: Succeeds, short: list[str], tmp_path: Path
) -> None:
    options = ["--system", "ahasd", "--algorithm", "fixed:1", "--set", "system.queues.unverified_drafts=2"]
    _, result = timeline(succeeds, tmp_path, *short, *options)
    document = json.loads((tmp_path / "schedule.json").read_text())
    for name, queue in result["speculation"]["queues"].items():
        counts = [e for e in document["traceEvents"] if e["ph"] == "C" and e["name"] == name]
        assert max([e["args"]["entries"] for e in counts], default=0) == queue["max"]
        assert all(before["ts"] <= after["ts"] for before, after in pairwise(counts))
    assert result["speculation"]["queues"]["unverified_drafts"]["max"] == 2
    assert result["speculation"]["queues"]["unverified_drafts"]["blocked_pushes"] > 0
