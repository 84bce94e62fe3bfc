"""What is handed to an executor, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ahasd.experiments.store.row import Labels, Row


@dataclass(frozen=True, slots=True)
class Figures:
    """What a function made.

    Attributes
    ----------
    document
        As JSON.
    """

    document: str
    tokens_per_second: float | None = None
    joules_per_token: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A function of a module with its arguments, and under which key its result is kept.

    Attributes
    ----------
    machine
        Tasks of one machine have costs in common, and are run by the same worker where that can be.
    """

    key: str
    machine: str
    function: Callable[..., Figures]
    arguments: tuple[Any, ...]
    labels: Labels


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks that one worker runs one after the other."""

    tasks: tuple[Task, ...]

    @property
    def keys(self) -> list[str]:
        """Of its tasks."""
        return [task.key for task in self.tasks]


@dataclass(frozen=True, slots=True)
class Finished:
    """A batch that was run: a row for each of its tasks.

    Attributes
    ----------
    seconds
        That the worker took.
    model_version
        Of the worker.
    """

    batch: Batch
    rows: tuple[Row, ...]
    seconds: float
    model_version: int
