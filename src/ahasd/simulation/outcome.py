"""What a schedule did."""

from dataclasses import dataclass, field
from typing import Generic

from ahasd.simulation.queues import QueueStatistics
from ahasd.simulation.timeline import TaskType, Timeline


@dataclass(frozen=True, slots=True)
class Outcome(Generic[TaskType]):
    """Tasks and queues until the work was done; a family adds its own counts.

    Attributes
    ----------
    end
        Picoseconds from the start to the end of the work.
    timeline
        The tasks of every device.
    queues
        Occupancy by name, where the schedule has queues.
    counters
        What else pictures show over time, by name: (picoseconds, value from then on).
    """

    end: int
    timeline: Timeline[TaskType]
    queues: dict[str, QueueStatistics] = field(default_factory=dict, kw_only=True)
    counters: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict, kw_only=True)
