"""Carrying out tasks: what the store has is taken from there, the rest is run and kept, together with others."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Finished, Task
from ahasd.experiments.executors.choose import Means, executor
from ahasd.experiments.executors.executor import Executor
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.plan import Plan
from ahasd.experiments.store.row import Row
from ahasd.experiments.store.store import Store
from ahasd.traces.rollout.rollout import RolloutTrace

#: Told runs done and runs in all.
Progress = Callable[[int, int], None]

#: Seconds between two looks at what other processes have finished (ours).
LOOK_S = 0.2

#: How often rows may turn out altered before the store itself is at fault (ours).
MENDS = 3


def unheard(*_: object) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Running:
    """How many runs are carried out: where they are kept, who computes them, and who is told.

    Parameters
    ----------
    store
        One in memory if not given: nothing outlives the process then.
    means
        Who computes.
    fresh
        Compute anew what the store has.
    progress
        Called with runs done and runs in all.
    remark
        Called with what a user should know, in a sentence.
    """

    store: Store = field(default_factory=Store)
    means: Means = field(default_factory=Means)
    fresh: bool = False
    progress: Progress = unheard
    remark: Callable[[str], None] = unheard


def carry_out(
    tasks: Sequence[Task], running: Running, traces: Mapping[str, RolloutTrace] | None = None
) -> dict[str, Row]:
    """Compute what the store has not.

    Parameters
    ----------
    tasks
        Those of one machine side by side.
    traces
        From a user's files, by their hash.

    Returns
    -------
    dict of str to Row
        By key; all tasks have one.

    Raises
    ------
    AhasdError
        The store cannot be used, or nobody is left to compute; what was finished is kept.
    """
    by_key = {task.key: task for task in tasks}
    keys, store = list(by_key), running.store
    store.forget(keys, failed_only=not running.fresh)
    with _started(running.means, traces or {}) as start:
        for _ in range(MENDS):
            known = store.known(keys)
            _run_missing(by_key, known, start, running)
            rows = {row.key: row for row in store.rows(keys)}
            if len(rows) == len(keys):
                _remark_failures(rows.values(), running)
                return rows
            altered = (
                f"{len(keys) - len(rows)} of {len(keys)} runs in '{store.path}' were altered or taken away"
            )
            running.remark(f"{altered} since they were written, and are run again")
            store.forget([key for key in keys if key not in rows])
    raise AhasdError(
        f"store '{store.path}' does not keep what is written to it; choose another (--store; --output of a sweep)"
    )


def _run_missing(
    by_key: Mapping[str, Task], known: set[str], start: Callable[[int], Executor], running: Running
) -> None:
    """Run what is not known; where another process is at it, wait for that."""
    store, total, done = running.store, len(by_key), len(known)
    running.progress(done, total)
    missing = [task for key, task in by_key.items() if key not in known]
    while missing:
        working = start(len(missing))
        plan = Plan(missing, store, working.workers, working.batch_seconds)
        for finished in working.run(plan.batches()):
            _check_version(finished)
            store.add(finished.rows)
            plan.done(finished)
            done += len(finished.rows)
            running.progress(done, total)
        missing = [by_key[key] for key in plan.elsewhere]
        while missing:
            arrived = store.known([task.key for task in missing])
            done += len(arrived)
            running.progress(done, total)
            missing = [task for task in missing if task.key not in arrived]
            if not missing or store.any_free([task.key for task in missing]):
                break
            time.sleep(LOOK_S)


@contextmanager
def _started(means: Means, traces: Mapping[str, RolloutTrace]) -> Iterator[Callable[[int], Executor]]:
    """An executor that is started when it is first needed, for so many tasks, and ended at the end."""
    begun: list[Executor] = []

    def start(tasks: int) -> Executor:
        if not begun:
            begun.append(executor(means, tasks, traces))
        return begun[0]

    try:
        yield start
    finally:
        for working in begun:
            working.close()


def _check_version(finished: Finished) -> None:
    if finished.model_version != MODEL_VERSION:
        raise AhasdError(
            f"a worker has version {finished.model_version} of the models, this process {MODEL_VERSION}: install the "
            "same ahasd on both; what was finished is kept"
        )


def _remark_failures(rows: Collection[Row], running: Running) -> None:
    broken = [row for row in rows if row.state == "failed"]
    if broken:
        running.remark(
            f"{len(broken)} of {len(rows)} runs {broken[0].document}; the same command tries them again"
        )
