"""Which tasks make a batch: those of one machine together, as many as take about as long as the executor likes."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

from ahasd.experiments.executors.batch import Batch, Finished, Task
from ahasd.experiments.store.store import Store

#: Tasks of the first batches, before it is known how long one takes (ours).
FIRST = 1

#: Weight of the latest batch in the mean time of a task (ours).
LATEST = 0.5

#: Batches that each worker should still get of what is left, so that all end at about the same time (ours).
LEFT = 2


class Plan:
    """Tasks that are to be run, dealt out as they are asked for.

    Each worker has a share of neighbouring machines, so that what they have in common is computed once; every other
    share is worked off backwards, so that two workers end where their shares meet. When one is empty, the end of the
    fullest is taken.

    Attributes
    ----------
    elsewhere
        Keys that other processes are computing.
    """

    def __init__(self, tasks: Sequence[Task], store: Store, workers: int, batch_seconds: float) -> None:
        self.elsewhere: list[str] = []
        self._store, self._workers, self._batch_seconds = store, workers, batch_seconds
        self._shares = _shares(tasks, workers)
        self._fresh = deque(self._shares)
        self._share_of: dict[str, deque[Task]] = {}
        self._free: deque[Task] | None = None
        self._task_seconds: float | None = None

    def batches(self) -> Iterator[Batch]:
        """Batches of tasks that this process alone has leased, until none is left."""
        while any(self._shares):
            share = self._chosen()
            tasks = [share.popleft() for _ in range(min(self._size(), len(share)))]
            granted = set(self._store.lease([task.key for task in tasks]))
            self.elsewhere += [task.key for task in tasks if task.key not in granted]
            batch = Batch(tuple(task for task in tasks if task.key in granted))
            if batch.tasks:
                self._share_of[batch.tasks[0].key] = share
                yield batch

    def done(self, finished: Finished) -> None:
        """Learn how long tasks take, and whose worker is free now."""
        each = finished.seconds / len(finished.rows)
        before = self._task_seconds
        self._task_seconds = each if before is None else LATEST * each + (1 - LATEST) * before
        self._free = self._share_of.pop(finished.batch.tasks[0].key, None)

    def _chosen(self) -> "deque[Task]":
        """The share of the worker that is free, or one that nobody has, or one made of the end of the fullest."""
        share, self._free = self._free, None
        while not share and self._fresh:
            share = self._fresh.popleft()
        if share:
            return share
        fullest = max(self._shares, key=len)
        stolen = deque(fullest.pop() for _ in range(min(self._size(), len(fullest))))
        self._shares = [one for one in self._shares if one] + [stolen]
        return stolen

    def _size(self) -> int:
        left = sum(map(len, self._shares))
        most = ceil(left / (LEFT * self._workers)) if self._workers > 1 else left
        wanted = FIRST if self._task_seconds is None else self._batch_seconds / max(self._task_seconds, 1e-6)
        return max(1, min(int(wanted), most))


def _shares(tasks: Sequence[Task], workers: int) -> list["deque[Task]"]:
    """Cut what lies side by side into as many parts of about as many tasks, between machines."""
    shares: list[deque[Task]] = [deque() for _ in range(max(1, workers))]
    before = 0
    for _, group in groupby(tasks, key=lambda task: task.machine):
        members = list(group)
        middle = before + len(members) / 2
        shares[int(middle * len(shares) / len(tasks))].extend(members)
        before += len(members)
    return [deque(reversed(share)) if number % 2 else share for number, share in enumerate(shares)]
