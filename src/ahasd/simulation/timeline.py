"""What ran where and when: the tasks of a run and their cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any, Generic, TypeVar

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost


@dataclass(slots=True)
class Task:
    """One step of one device; a family adds what its tasks are about.

    Attributes
    ----------
    track
        The device.
    kind
        What the family calls such a task.
    start, end
        Picoseconds; ``end`` moves while something else holds what the task needs.
    cost
        What the step costs undisturbed.
    blocked
        Picoseconds of it in which the device waited for something shared.
    done
        Share of its work that was done when it ended; below 1 if it was cut off.
    """

    track: str
    kind: str
    start: int
    end: int
    cost: StepCost
    blocked: int = 0
    done: float = 1.0

    @property
    def label(self) -> str:
        """As a picture of the timeline names it."""
        return self.kind

    @property
    def details(self) -> dict[str, Any]:
        """What a picture of the timeline tells beside times and energy."""
        return {}

    def share_until(self, end: int) -> float:
        """Share of the task's work that lies before a time."""
        if self.end <= end:
            return self.done
        return max(0.0, (end - self.start) / (self.end - self.start)) * self.done


TaskType = TypeVar("TaskType", bound=Task)


class Timeline(Generic[TaskType]):
    """The tasks of a run in the order in which they started."""

    def __init__(self) -> None:
        self._tasks: list[TaskType] = []
        self._waits: dict[str, int] = {}
        self._extra_busy: dict[str, int] = {}

    @property
    def tasks(self) -> list[TaskType]:
        """In the order in which they started."""
        return self._tasks

    @property
    def tracks(self) -> set[str]:
        """Devices that had a task."""
        return {task.track for task in self.tasks}

    def add(self, task: TaskType) -> TaskType:
        """Append a task and hand it back."""
        self._tasks.append(task)
        return task

    def without_tasks(self) -> "Timeline[TaskType]":
        """The same waits and extra work alone."""
        other = Timeline[TaskType]()
        other.take_waits(self)
        return other

    def take_waits(self, other: "Timeline[TaskType]") -> None:
        """Take over another's waits and extra work."""
        self._waits, self._extra_busy = dict(other._waits), dict(other._extra_busy)

    def waited(self, track: str, duration: int) -> None:
        """Record that a device stood ready but something that it needs was held by another."""
        self._waits[track] = self._waits.get(track, 0) + duration

    def worked(self, track: str, duration: int) -> None:
        """Record work of a device inside another's task, such as vector work for a PIM step."""
        self._extra_busy[track] = self._extra_busy.get(track, 0) + duration

    def cut(self, end: int) -> None:
        """Forget what starts at or after the end of the run."""
        self._tasks = [task for task in self.tasks if task.start < end]

    def busy_and_blocked(self, track: str, end: int) -> tuple[int, int]:
        """Picoseconds in [0, end] in which a device worked, and in which it waited for something shared."""
        working, held = self._inside(track, end)
        busy = min(working + self._extra_busy.get(track, 0), end)
        return busy, min(held + self._waits.get(track, 0), end - busy)

    def _inside(self, track: str, end: int) -> tuple[int, int]:
        """Picoseconds in which the tasks of a device worked, and in which they were held up."""
        busy = blocked = 0
        for task in self.tasks:
            if task.track == track:
                inside = min(task.end, end) - task.start
                held = min(task.blocked, inside)
                busy += inside - held
                blocked += held
        return busy, blocked

    def energy(self, end: int) -> dict[str, float]:
        """Joules by component of the tasks until ``end``."""
        return energy_of(self.tasks, end)


def energy_of(tasks: Sequence[Task], end: int) -> dict[str, float]:
    """Joules by component of tasks until ``end``; of one that goes on, the share of its work until then."""
    shares = [task.share_until(end) for task in tasks]
    # One component after the other, each summed from the first task to the last.
    columns = zip(*(task.cost.energy_j for task in tasks), strict=True) if tasks else ()
    sums = [reduce(add, map(mul, shares, column), 0.0) for column in columns]
    return dict(zip(DYNAMIC_COMPONENTS, sums or [0.0] * len(DYNAMIC_COMPONENTS), strict=True))
