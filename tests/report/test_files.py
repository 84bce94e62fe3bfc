"""Results are written beside and renamed: an earlier one survives whatever goes wrong."""

from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.report.files import check_file_writable, check_writable, to_json, write_files

OLD = {"a.json": "old a", "b.txt": "old b"}
NEW = {"a.json": "new a", "b.txt": "new b", "c.csv": "new c"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path / "out", OLD)
    return tmp_path / "out"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_are_written_and_replaced(folder: Path) -> None:
    assert contents(folder) == OLD
    write_files(folder, NEW)
    assert contents(folder) == NEW


def test_files_have_the_permissions_of_any_new_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    assert (folder / "a.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_other_files_of_the_folder_stay(folder: Path) -> None:
    (folder / "notes").write_text("mine")
    write_files(folder, NEW)
    assert contents(folder) == NEW | {"notes": "mine"}


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_failure_while_writing_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int, error: BaseException
) -> None:
    write, calls = Path.write_text, 0

    def fail(self: Path, data: str, *arguments: object, **options: object) -> int:
        nonlocal calls
        calls += 1
        if calls == failing:
            write(self, data[:2])
            raise error
        return write(self, data, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", fail)
    expected = AhasdError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_files(folder, NEW)
    assert calls == failing
    monkeypatch.undo()
    assert contents(folder) == OLD


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt()], ids=repr)
def test_a_failure_while_renaming_takes_back_what_was_renamed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int, error: BaseException
) -> None:
    replace, calls = Path.replace, 0

    def fail(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    expected = AhasdError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_files(folder, NEW)
    assert calls >= failing
    monkeypatch.undo()
    assert contents(folder) == OLD


def test_the_cause_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "c.csv").mkdir()
    with pytest.raises(AhasdError, match=r"cannot write into '.*out': Is a directory"):
        write_files(folder, NEW)
    (folder / "c.csv").rmdir()
    assert contents(folder) == OLD
    with pytest.raises(AhasdError, match=r"'.*a.json' cannot be written: it is a file"):
        check_writable(folder / "a.json")
    with pytest.raises(AhasdError, match=r"'.*below' cannot be written: Not a directory"):
        check_writable(folder / "a.json" / "below")
    with pytest.raises(AhasdError, match=r"it is a folder; give a file name"):
        check_file_writable(folder)


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "er")
    check_file_writable(tmp_path / "new" / "file.json")
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "er"]
    assert list((tmp_path / "new" / "er").iterdir()) == []


def test_json_refuses_what_is_not_json() -> None:
    assert to_json({"µ": 1.0}) == '{\n  "µ": 1.0\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"seconds": float("nan")})
