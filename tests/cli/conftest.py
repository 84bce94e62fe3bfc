"""Driving the command line in this process, as a user would from a shell."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ahasd.cli import main


@dataclass(frozen=True)
class Ending:
    code: int
    out: str
    err: str


Command = Callable[..., Ending]
Refusal = Callable[..., str]


@pytest.fixture
def ahasd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run a command in an empty folder and hand back how it ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)  # as in a pipe

    def run(*arguments: object) -> Ending:
        monkeypatch.setattr(sys, "argv", ["ahasd", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            main()
        captured = capsys.readouterr()
        code = ending.value.code
        assert isinstance(code, int)
        return Ending(code, captured.out, captured.err)

    return run


@pytest.fixture
def succeeds(ahasd: Command) -> Callable[..., str]:
    """Run a command that must succeed and hand back what it printed."""

    def run(*arguments: object) -> str:
        ending = ahasd(*arguments)
        assert ending.code == 0, ending.err
        assert all(line.startswith("Wrote ") for line in ending.err.splitlines())
        return ending.out

    return run


@pytest.fixture
def refused(ahasd: Command) -> Refusal:
    """Run a command that must be refused as a user's mistake, and hand back the message."""

    def run(*arguments: object) -> str:
        ending = ahasd(*arguments)
        assert ending.code == 2
        assert ending.out == ""
        assert ending.err.startswith("error: ")
        assert "Traceback" not in ending.err
        return ending.err

    return run


@pytest.fixture
def short() -> list[str]:
    """Options of a short run on a trace that is made up."""
    return ["--trace", "synthetic:acceptance=0.8,auc=0.7,positions=400", "--tokens", "24"]
