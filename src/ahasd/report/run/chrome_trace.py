"""A run's schedule as Chrome-trace JSON, for Perfetto or chrome://tracing."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.outcome import Outcome

Event = dict[str, Any]

#: The process under which a run stands; files of several runs count on.
PROCESS = 1

#: Colours of fates, by the names that chrome://tracing knows; Perfetto colours by the name of a task, which says its
#: fate, too.
FATE_COLOURS = {
    "accepted": "good",
    "used": "rail_response",
    "rejected": "terrible",
    "flushed": "bad",
    "dropped": "bad",
    "in_flight": "grey",
}


def chrome_trace(outcome: Outcome[Any]) -> dict[str, Any]:
    """Lay the timeline out as complete events, a track per device, named and coloured by kind and fate.

    Counters are the depths of queues, the power of the work (without what devices draw at rest), and what else the
    outcome has over time: LLR, hits of a cache. Times are microseconds of simulated time; a task that the end of the
    run cuts is shown until there.
    """
    tracks = sorted({task.track for task in outcome.timeline.tasks})
    events = track_names(tracks)
    for task in outcome.timeline.tasks:
        end = min(task.end, outcome.end)
        details = {
            **task.details,
            "blocked_us": task.blocked / 1e6,
            "joules": task.cost.joules * task.share_until(end),
        }
        events.append(
            complete(
                tracks.index(task.track) + 1,
                task.label,
                task.kind,
                task.start / 1e6,
                (end - task.start) / 1e6,
                details,
            )
        )
    for name, queue in outcome.queues.items():
        events += [
            counter(name, time, "entries", entries) for time, entries in queue.changes if time <= outcome.end
        ]
    for name, changes in outcome.counters.items():
        events += [counter(name, time, "value", value) for time, value in changes if time <= outcome.end]
    events += [counter("power of the work", time, "watts", watts) for time, watts in power(outcome)]
    return trace_document(events)


def power(outcome: Outcome[Any]) -> list[tuple[int, float]]:
    """(Picoseconds, watts from then on): joules of each task, spread over the time that it takes."""
    changes: defaultdict[int, float] = defaultdict(float)
    for task in outcome.timeline.tasks:
        end = min(task.end, outcome.end)
        joules = task.cost.joules * task.share_until(end)
        if end > task.start and joules:
            watts = joules * PICOSECONDS / (end - task.start)
            changes[task.start] += watts
            changes[end] -= watts
    found, now = [], 0.0
    for time in sorted(changes):
        now += changes[time]
        found.append((time, max(0.0, now)))  # what sums of floats leave behind is nothing
    return found


def track_names(tracks: Iterable[str], process: int = PROCESS) -> list[Event]:
    """Events that name tracks, which are counted from 1."""
    return [
        {"ph": "M", "pid": process, "tid": number, "name": "thread_name", "args": {"name": track}}
        for number, track in enumerate(tracks, start=1)
    ]


def complete(
    track: int,
    name: str,
    kind: str,
    start_us: float,
    for_us: float,
    details: dict[str, Any],
    process: int = PROCESS,
) -> Event:
    """A task from its begin to its end, coloured by its fate if it has one."""
    event: Event = {
        "ph": "X",
        "pid": process,
        "tid": track,
        "name": name,
        "cat": kind,
        "ts": start_us,
        "dur": for_us,
        "args": details,
    }
    colour = FATE_COLOURS.get(str(details.get("fate")))
    return event if colour is None else event | {"cname": colour}


def counter(name: str, time_ps: int, unit: str, value: float, process: int = PROCESS) -> Event:
    """A value from a time on."""
    return {"ph": "C", "pid": process, "name": name, "ts": time_ps / 1e6, "args": {unit: value}}


def trace_document(events: list[Event]) -> dict[str, Any]:
    """The file."""
    return {"displayTimeUnit": "ms", "traceEvents": events}
