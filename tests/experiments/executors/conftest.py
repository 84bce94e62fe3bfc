"""Tasks that new processes can import."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from ahasd.experiments.executors.batch import Task
from ahasd.experiments.store.row import Labels


@pytest.fixture
def made_tasks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The functions for tasks."""
    monkeypatch.syspath_prepend(Path(__file__).parent / "importable")
    return import_module("made_tasks")


@pytest.fixture
def task(made_tasks: ModuleType, tmp_path: Path) -> Callable[..., Task]:
    """Make a task of a function by its name; those of one machine share a key's first letter."""

    def make(key: str, function: str, *arguments: object) -> Task:
        call = getattr(made_tasks, function)
        return Task(key, key[0], call, (str(tmp_path), *arguments), Labels("test"))

    return make
