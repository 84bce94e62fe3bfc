"""What a worker does, in whichever process it is: run the tasks of a batch, one after the other."""

import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from ahasd.errors import AhasdError
from ahasd.experiments.executors.batch import Batch, Finished, Task
from ahasd.experiments.executors.rare_collection import rare_collection
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.store.row import Row
from ahasd.traces.rollout.rollout import RolloutTrace

#: Traces from a user's files by their hash, sent to each worker once.
_TRACES: dict[str, RolloutTrace] = {}

#: Workers of a cluster may have several threads; the machines that a process keeps are for one at a time.
_ONE_AT_A_TIME = Lock()


def take_traces(traces: Mapping[str, RolloutTrace]) -> None:
    """Keep traces for the batches to come, which only name them, instead of those before."""
    _TRACES.clear()
    _TRACES.update(traces)


def trace_of(sha256: str) -> RolloutTrace | None:
    """A trace that was sent; None for one that every worker can load itself."""
    return _TRACES.get(sha256)


def work(batch: Batch) -> Finished:
    """Run a batch; what cannot run, or breaks, is a row that says why."""
    with _ONE_AT_A_TIME, rare_collection():
        began = time.perf_counter()
        rows = tuple(_row(task) for task in batch.tasks)
        return Finished(batch, rows, time.perf_counter() - began, MODEL_VERSION)


def _row(task: Task) -> Row:
    try:
        figures = task.function(*task.arguments)
    except AhasdError as error:
        return Row(task.key, "refused", str(error), task.labels)
    except Exception as error:  # one broken task of many; its row says so, and it is tried again another time
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return failed(task, f"{type(error).__name__}: {error} ({where})")
    return Row(
        task.key,
        "done",
        figures.document,
        task.labels,
        figures.tokens_per_second,
        figures.joules_per_token,
    )


def failed(task: Task, reason: str) -> Row:
    """A row of a task that ended without a result."""
    return Row(task.key, "failed", f"failed: {reason}", task.labels)
