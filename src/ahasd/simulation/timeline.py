"""What ran where and when: the tasks of a run, their fate and their cost."""

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add, mul

from ahasd.hardware.cost import DYNAMIC_COMPONENTS, StepCost


class Fate(StrEnum):
    """What became of a task's work."""

    ACCEPTED = "accepted"
    """A drafted token that was emitted."""
    REJECTED = "rejected"
    """A drafted token that the target replaced."""
    FLUSHED = "flushed"
    """A drafted token on a path that a rejection cut off."""
    IN_FLIGHT = "in_flight"
    """Not yet verified when the run ended."""
    USED = "used"
    """Work of the target whose verdicts were emitted."""
    DROPPED = "dropped"
    """Work of the target that a rejection made useless."""


#: Fates of work that brought no token.
WASTED = frozenset({Fate.REJECTED, Fate.FLUSHED, Fate.IN_FLIGHT, Fate.DROPPED})


@dataclass(slots=True)
class Task:
    """One step of one device.

    Attributes
    ----------
    track
        The device.
    kind
        ``decode``, ``draft``, ``catch_up``, ``verify`` or ``preverify``.
    start, end
        Picoseconds; ``end`` moves while something else holds what the task needs.
    width
        Tokens passed through the model.
    context
        Entries in the KV cache before the step.
    cost
        What the step costs undisturbed.
    fate
        What became of it; work is in flight until something else is known.
    blocked
        Picoseconds of it in which the device waited for something shared.
    done
        Share of its work that was done when it ended; below 1 if it was cut off.
    """

    track: str
    kind: str
    start: int
    end: int
    width: int
    context: int
    cost: StepCost
    fate: Fate = Fate.IN_FLIGHT
    blocked: int = 0
    done: float = 1.0

    def share_until(self, end: int) -> float:
        """Share of the task's work that lies before a time."""
        if self.end <= end:
            return self.done
        return max(0.0, (end - self.start) / (self.end - self.start)) * self.done


class Timeline:
    """The tasks of a run in the order in which they started."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self._waits: dict[str, int] = {}
        self._extra_busy: dict[str, int] = {}

    def add(self, task: Task) -> Task:
        """Append a task and hand it back."""
        self.tasks.append(task)
        return task

    def waited(self, track: str, duration: int) -> None:
        """Record that a device stood ready but something that it needs was held by another."""
        self._waits[track] = self._waits.get(track, 0) + duration

    def worked(self, track: str, duration: int) -> None:
        """Record work of a device inside another's task, such as vector work for a PIM step."""
        self._extra_busy[track] = self._extra_busy.get(track, 0) + duration

    def cut(self, end: int) -> None:
        """Forget what starts at or after the end of the run."""
        self.tasks = [task for task in self.tasks if task.start < end]

    def busy_and_blocked(self, track: str, end: int) -> tuple[int, int]:
        """Picoseconds in [0, end] in which a device worked, and in which it waited for something shared."""
        busy, blocked = self._extra_busy.get(track, 0), self._waits.get(track, 0)
        for task in self.tasks:
            if task.track == track:
                inside = min(task.end, end) - task.start
                held = min(task.blocked, inside)
                busy += inside - held
                blocked += held
        busy = min(busy, end)
        return busy, min(blocked, end - busy)

    def energy(self, end: int, wasted_only: bool = False) -> dict[str, float]:
        """Joules by component of the tasks until ``end``, all or only those that brought no token."""
        tasks = [task for task in self.tasks if task.fate in WASTED] if wasted_only else self.tasks
        shares = [task.done if task.end <= end else task.share_until(end) for task in tasks]
        # One component after the other, each summed from the first task to the last.
        columns = zip(*(task.cost.energy_j for task in tasks), strict=True) if tasks else ()
        sums = [reduce(add, map(mul, shares, column), 0.0) for column in columns]
        return dict(zip(DYNAMIC_COMPONENTS, sums or [0.0] * len(DYNAMIC_COMPONENTS), strict=True))
