"""A bar appears for work that takes long, on a terminal, and only there."""

import time

import pytest

from ahasd.cli import progress


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard error pass for a terminal."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("terminal")
def test_long_work_shows_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.progress_bar("runs") as advance:
        time.sleep(0.05)
        advance(3, 7)
        time.sleep(0.3)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "runs" in captured.err
    assert "3/7" in captured.err


@pytest.mark.usefixtures("terminal")
def test_short_work_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress_bar("runs") as advance:
        advance(7, 7)
    assert "runs" not in capsys.readouterr().err


def test_a_log_file_gets_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("TTY_COMPATIBLE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    with progress.progress_bar("runs") as advance:
        time.sleep(0.05)
        advance(3, 7)
    assert capsys.readouterr().err == ""


def test_a_failure_stops_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), progress.progress_bar("runs"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == ""
