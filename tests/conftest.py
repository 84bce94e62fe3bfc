"""Factories for tests of several folders, each in a file of its own beside this one.

They are imported where they are used: cocotb loads this file by itself, where it is no part of a package.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ahasd.experiments.cell import Cell
    from ahasd.traces.rollout.rollout import RolloutTrace

    from .settings import Setting
    from .watching import Watched


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> "Path":
    """Give each test a store of its own, which is made if a command uses it."""
    path = tmp_path_factory.getbasetemp() / "stores" / f"{uuid4().hex}.sqlite"
    monkeypatch.setenv("AHASD_STORE", str(path))
    return path


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines be as long as in a pipe, wherever the tests run; a test that wants a terminal says its columns."""

    def none(*_: object) -> None:
        raise OSError("no terminal")

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", none)


@pytest.fixture(scope="session")
def setting_of() -> "Callable[..., Setting]":
    """Build a machine whose steps cost what the test says, with a system."""
    from .settings import setting

    return setting


@pytest.fixture(scope="session")
def watch() -> "Callable[..., Watched]":
    """Run an asynchronous setting and keep a record of its text."""
    from .watching import watch

    return watch


@pytest.fixture(scope="session")
def trace_of() -> "Callable[..., RolloutTrace]":
    """Make a trace from its coins (to be walked with ``coins="recorded"``)."""
    from .hand_made import hand_made_trace

    def trace_of(coins: Any, prompt_start: list[int] | None = None, entropy: Any = 1.0) -> "RolloutTrace":
        return hand_made_trace(coins, prompt_start, entropy=entropy)

    return trace_of


@pytest.fixture(scope="session")
def made_cell() -> "Callable[..., Cell]":
    """Make a cell of runs with chosen figures."""
    from .made_cells import made_cell

    return made_cell
