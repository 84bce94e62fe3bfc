"""Hostile and damaged input of every kind: whatever it is, it ends in a result or in an error that says why.

A case is drawn from its number alone: ``draw(1234, folder)`` makes one again.
"""

from pathlib import Path

import pytest

from .cases import draw
from .judge import judge

#: Cases of a test, so that a fault stops few others.
OF_A_TEST = 20


@pytest.mark.parametrize("first", range(0, 200, OF_A_TEST))
def test_whatever_comes_is_answered(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(first, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, OF_A_TEST))
def test_whatever_comes_is_answered_at_length(
    first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(first, tmp_path, monkeypatch)


def run(first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = []
    monkeypatch.setattr("sys.argv", [])
    for seed in range(first, first + OF_A_TEST):
        folder = tmp_path / str(seed)
        folder.mkdir()
        monkeypatch.chdir(folder)
        kind, case = draw(seed, folder)
        wrong = judge(case, folder)
        if wrong is not None:
            faults.append(f"case {seed}, {kind}: {case.__doc__}\n{wrong}")
    assert not faults, "\n\n".join(faults)
