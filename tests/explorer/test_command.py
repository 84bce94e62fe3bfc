"""``ahasd explore`` before it serves anything."""

import sys

import pytest

from ahasd.cli import main


def explore(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[object, str]:
    monkeypatch.setattr(sys, "argv", ["ahasd", "explore", "--no-browser", *words])
    with pytest.raises(SystemExit) as ending:
        main()
    return ending.value.code, " ".join(capsys.readouterr().err.split())


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    code, said = explore(monkeypatch, capsys)
    assert code == 2
    assert "nicegui" in said
    assert "pip install 'ahasd[explorer]'" in said


def test_a_bad_link_and_a_bad_address_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nicegui")
    assert explore(monkeypatch, capsys, "a.tokens=3") == (2, "error: the link says nothing of a.family")
    code, said = explore(monkeypatch, capsys, "--address", "example")
    assert code == 2
    assert "--address example" in said


def test_an_address_that_others_reach_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nicegui")
    # 203.0.113.1 is kept for documentation (RFC 5737): no machine has it, so that nothing is served.
    code, said = explore(monkeypatch, capsys, "--address", "203.0.113.1")
    assert code == 2
    assert "warning: 203.0.113.1 can be reached by others" in said
    assert "cannot listen on 203.0.113.1" in said
