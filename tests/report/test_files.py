"""Results are written beside and renamed: an earlier one survives whatever goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ahasd import whole_files
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
    write, calls = whole_files._write_new, 0

    def fail(path: Path, content: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            write(path, content[:2])
            raise error
        write(path, content)

    monkeypatch.setattr(whole_files, "_write_new", fail)
    expected = AhasdError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_files(folder, NEW)
    assert calls == failing
    monkeypatch.undo()
    assert contents(folder) == OLD


#: Two earlier files are taken out of the way, then three are moved in.
RENAMES = 5


@pytest.mark.parametrize("failing", range(1, RENAMES + 1))
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


KILLED = """
import os, sys
from pathlib import Path
from ahasd.report.files import write_files
calls = 0
def dying(real):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == int(sys.argv[2]):
            os._exit(9)
        return real(*arguments, **options)
    return call
Path.replace, Path.rename, Path.open = dying(Path.replace), dying(Path.rename), dying(Path.open)
write_files(Path(sys.argv[1]), {"a.json": "new a", "b.txt": "new b", "c.csv": "new c"})
os._exit(7)
"""


def test_wherever_a_process_is_killed_the_files_are_those_of_one_run(folder: Path) -> None:
    endings = set()
    for call in range(1, 11):
        write_files(folder, OLD)
        (folder / "c.csv").unlink(missing_ok=True)
        found = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(call)], check=False)
        seen = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
        assert seen.items() <= OLD.items() or seen.items() <= NEW.items()
        # What was complete is put in place by the next command, what was not is taken away.
        check_writable(folder)
        assert contents(folder) in (OLD, NEW)
        endings.add((found.returncode, contents(folder) == NEW))
    assert endings == {(9, False), (9, True), (7, True)}


def test_two_processes_never_mix(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ahasd.report.files import write_files\n"
        "for _ in range(100): write_files(Path(sys.argv[1]), dict.fromkeys(['a.json', 'b.txt', 'c'], sys.argv[2]))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), name]) for name in ("1", "2", "3")
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len(set(contents(folder).values())) == 1
    assert set(contents(folder)) == {"a.json", "b.txt", "c"}


def test_a_link_in_the_way_is_replaced_and_its_target_left_alone(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in NEW:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(victim)
    (folder / ".ahasd-planted.part").symlink_to(tmp_path)
    write_files(folder, NEW)
    assert victim.read_text() == "precious"
    assert not any((folder / name).is_symlink() for name in NEW)
    assert {name: (folder / name).read_text() for name in NEW} == NEW
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "victim"]


def test_the_name_of_what_is_being_written_cannot_be_foreseen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []
    write = whole_files._write_new

    def note(path: Path, content: bytes) -> None:
        places.append(path.parent.parent.name)
        write(path, content)

    monkeypatch.setattr(whole_files, "_write_new", note)
    for _ in range(3):
        write_files(folder, {"a.json": "new"})
    assert len(set(places)) == 3
    assert not any(str(os.getpid()) in place for place in places)


def test_what_steers_a_terminal_is_written_as_an_escape(folder: Path) -> None:
    write_files(folder, {"a.json": "red \x1b[31m, \x9b2J, \u202e, \udcff\n"})
    assert (folder / "a.json").read_text() == "red \\x1b[31m, \\x9b2J, \\u202e, \\udcff\n"
    text = to_json({"name": "\x1b \x9b \u202e \udcff"})
    assert text.encode().isascii()
    assert json.loads(text) == {"name": "\x1b \x9b \u202e \udcff"}


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
