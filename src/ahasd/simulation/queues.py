"""Bounded queues between drafter, verifier and scheduler, with their occupancy over simulated time."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PositiveInt

from ahasd.errors import AhasdError

PICOSECONDS_PER_SECOND = 10**12

T = TypeVar("T")


class QueueCapacities(BaseModel):
    """Entries that the three queues hold.

    The defaults are those of the authors' public repository; the paper (arXiv 2604.25326) gives none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unverified_drafts: PositiveInt = 64
    """Draft batches awaiting verification, PIM → NPU."""
    feedback: PositiveInt = 32
    """Verdicts on batches, NPU → PIM."""
    preverification: PositiveInt = 16
    """Drafts that the PIM is to verify itself, scheduler → PIM."""


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """Occupancy of a queue over a run.

    Attributes
    ----------
    mean
        Entries, weighted by time.
    maximum
        Most entries at any moment.
    full_s
        Seconds during which the queue was full.
    blocked_pushes
        Entries that found the queue full when their producer first offered them.
    changes
        (picoseconds, entries from then on), whenever that changed.
    """

    mean: float
    maximum: int
    full_s: float
    blocked_pushes: int
    changes: tuple[tuple[int, int], ...] = ()


class BoundedQueue(Generic[T]):
    """First in, first out, never more than `capacity` entries; the caller asks `full` before it pushes.

    Times are integer picoseconds of simulated time, start at 0 and never run backwards.

    Raises
    ------
    AhasdError
        If the capacity is not positive.
    """

    def __init__(self, name: str, capacity: int) -> None:
        if capacity < 1:
            raise AhasdError(f"queue '{name}' has a capacity of {capacity}; it must hold at least 1 entry")
        self.name = name
        self.capacity = capacity
        self._entries: deque[T] = deque()
        self._now_ps = 0
        self._entry_picoseconds = 0
        self._full_ps = 0
        self._maximum = 0
        self._blocked_pushes = 0
        self._changes: list[tuple[int, int]] = []
        self._blocked = False

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        """Oldest first."""
        return iter(self._entries)

    @property
    def full(self) -> bool:
        """Whether a push would overflow."""
        return len(self._entries) >= self.capacity

    def push(self, entry: T, time_ps: int) -> None:
        """Append an entry.

        Raises
        ------
        RuntimeError
            If the queue is full: the caller must wait until it is not.
        """
        if len(self._entries) >= self.capacity:
            raise RuntimeError(f"queue '{self.name}' is full ({self.capacity} entries); check `full` first")
        self._advance(time_ps)
        self._entries.append(entry)
        held = len(self._entries)
        self._changes.append((time_ps, held))
        self._blocked = False
        if held > self._maximum:
            self._maximum = held

    def refused(self) -> None:
        """Count that the producer stands before a full queue; refusals before the next push count once.

        Raises
        ------
        RuntimeError
            If there is room: nothing keeps the producer from pushing.
        """
        if not self.full:
            raise RuntimeError(f"queue '{self.name}' has room for {self.capacity - len(self)} more entries")
        if not self._blocked:
            self._blocked = True
            self._blocked_pushes += 1

    def peek(self) -> T:
        """Return the oldest entry and leave it; IndexError if there is none."""
        return self._entries[0]

    def pop(self, time_ps: int) -> T:
        """Remove and return the oldest entry; IndexError if there is none."""
        if not self._entries:
            raise IndexError(f"queue '{self.name}' is empty")
        self._advance(time_ps)
        entry = self._entries.popleft()
        self._changes.append((time_ps, len(self._entries)))
        return entry

    def statistics(self, end_ps: int) -> QueueStatistics:
        """Occupancy over [0, end_ps], where `end_ps` is not before the last change."""
        remaining_ps = self._elapsed(end_ps)
        entry_picoseconds = self._entry_picoseconds + len(self._entries) * remaining_ps
        full_ps = self._full_ps + (remaining_ps if self.full else 0)
        return QueueStatistics(
            mean=entry_picoseconds / end_ps if end_ps else 0.0,
            maximum=self._maximum,
            full_s=full_ps / PICOSECONDS_PER_SECOND,
            blocked_pushes=self._blocked_pushes,
            changes=tuple(self._changes),
        )

    def _advance(self, time_ps: int) -> None:
        elapsed_ps, entries = self._elapsed(time_ps), len(self._entries)
        if entries:
            self._entry_picoseconds += entries * elapsed_ps
            if entries >= self.capacity:
                self._full_ps += elapsed_ps
        self._now_ps = time_ps

    def _elapsed(self, time_ps: int) -> int:
        if time_ps < self._now_ps:
            raise ValueError(f"queue '{self.name}': time {time_ps} ps is before {self._now_ps} ps")
        return time_ps - self._now_ps
