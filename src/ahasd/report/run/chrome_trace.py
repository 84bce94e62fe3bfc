"""A run's schedule as Chrome-trace JSON, for Perfetto or chrome://tracing."""

from typing import Any

from ahasd.simulation.outcome import Outcome


def chrome_trace(outcome: Outcome[Any]) -> dict[str, Any]:
    """Lay the timeline out as complete events, a track per device, named by kind and fate; queues as counters.

    Times are microseconds of simulated time; a task that the end of the run cuts is shown until there.
    """
    tracks = sorted({task.track for task in outcome.timeline.tasks})
    numbers = {track: number for number, track in enumerate(tracks, start=1)}
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": 1, "tid": number, "name": "thread_name", "args": {"name": track}}
        for track, number in numbers.items()
    ]
    for task in outcome.timeline.tasks:
        end = min(task.end, outcome.end)
        events.append(
            {
                "ph": "X",
                "pid": 1,
                "tid": numbers[task.track],
                "name": task.label,
                "cat": task.kind,
                "ts": task.start / 1e6,
                "dur": (end - task.start) / 1e6,
                "args": {
                    **task.details,
                    "blocked_us": task.blocked / 1e6,
                    "joules": task.cost.joules * task.share_until(end),
                },
            }
        )
    for name, queue in outcome.queues.items():
        events += [
            {"ph": "C", "pid": 1, "name": name, "ts": time / 1e6, "args": {"entries": entries}}
            for time, entries in queue.changes
            if time <= outcome.end
        ]
    return {"displayTimeUnit": "ms", "traceEvents": events}
