"""What a run's devices did, task by task, as rows."""

from typing import Any

from ahasd.report.pictures.columns import Columns
from ahasd.simulation.engine import PICOSECONDS
from ahasd.simulation.outcome import Outcome

#: Of the rows of tasks; ``fate`` is "" where a family's tasks have none.
TASK_NAMES = ("device", "kind", "fate", "start_s", "end_s", "blocked_s", "joules")


def task_columns(outcome: Outcome[Any]) -> Columns:
    """A row for each task until the end of the run, which cuts what goes on."""
    rows = []
    for task in outcome.timeline.tasks:
        end = min(task.end, outcome.end)
        if task.start < outcome.end:
            rows.append(
                (
                    task.track,
                    task.kind,
                    str(task.details.get("fate", "")),
                    task.start / PICOSECONDS,
                    end / PICOSECONDS,
                    min(task.blocked, end - task.start) / PICOSECONDS,
                    task.cost.joules * task.share_until(end),
                )
            )
    return Columns.of(TASK_NAMES, rows)


def queue_columns(outcome: Outcome[Any]) -> Columns:
    """A row whenever a queue has another depth."""
    return Columns.of(
        ("queue", "time_s", "entries"),
        [
            (name, time / PICOSECONDS, entries)
            for name, queue in outcome.queues.items()
            for time, entries in queue.changes
            if time <= outcome.end
        ],
    )
