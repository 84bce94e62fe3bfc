"""Files that are written whole or not at all, together, and by one process at a time.

All files of a call are first written into a folder of their own beside their destination, which has a random name and
is made by the call alone. One rename of a folder within it says that they are complete. Only then are the earlier
files of these names taken out of the way, all of them, and after that the new ones moved in. So what lies in the
destination is at every instant of one call alone, wherever it is cut off; and the next call, or :func:`tidy`, ends
what a killed one had completed and takes away what it had not. A link that lies in the way is replaced, never
followed.
"""

import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ahasd.errors import AhasdError

try:
    import fcntl
except ImportError:  # Windows: the files of two calls that end at once may mix there
    fcntl = None  # type: ignore[assignment]

_PREFIX, _SUFFIX = ".ahasd-", ".part"
_STAGE = re.compile(re.escape(_PREFIX) + r"\w+" + re.escape(_SUFFIX))

#: Folders within that of a call: files being written, complete ones, and those that they replace.
_WRITING, _COMPLETE, _EARLIER = "writing", "complete", "earlier"

#: How long a call waits for another one that writes into the same folder, which takes milliseconds (ours).
PATIENCE_S = 30.0


def write_whole(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder that exists; earlier ones of the same names are replaced.

    Raises
    ------
    OSError
        Writing failed; what was there before is untouched.
    AhasdError
        Another process has been writing into the folder for half a minute.
    """
    with _only_one(folder):
        _tidy(folder)
        stage = Path(tempfile.mkdtemp(dir=folder, prefix=_PREFIX, suffix=_SUFFIX))
        try:
            (stage / _WRITING).mkdir()
            for name, content in contents.items():
                _write_new(stage / _WRITING / name, content)
                if (folder / name).is_dir() and not (folder / name).is_symlink():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / name))
            (stage / _EARLIER).mkdir()
            (stage / _WRITING).rename(stage / _COMPLETE)
            _move_in(stage, folder)
        except BaseException:
            _take_back(stage, folder, contents)
            raise
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def tidy(folder: Path) -> None:
    """End what killed calls had completed, and take away what they had not."""
    if any(_STAGE.fullmatch(name) for name in os.listdir(folder)):
        with _only_one(folder):
            _tidy(folder)


def _tidy(folder: Path) -> None:
    """Whoever made these is gone: this process alone writes now."""
    for name in os.listdir(folder):
        stage = folder / name
        if _STAGE.fullmatch(name) and stat.S_ISDIR(stage.lstat().st_mode):
            if (stage / _COMPLETE).is_dir():
                _move_in(stage, folder)
            shutil.rmtree(stage, ignore_errors=True)


def _move_in(stage: Path, folder: Path) -> None:
    names = sorted(os.listdir(stage / _COMPLETE))
    for name in names:
        if os.path.lexists(folder / name):
            (folder / name).replace(stage / _EARLIER / name)
    for name in names:
        (stage / _COMPLETE / name).replace(folder / name)


def _take_back(stage: Path, folder: Path, names: Iterable[str]) -> None:
    """Undo what :func:`_move_in` had done when it failed."""
    if not (stage / _EARLIER).is_dir() or not (stage / _COMPLETE).is_dir():
        return  # nothing was moved yet
    for name in names:
        if not os.path.lexists(stage / _COMPLETE / name):
            (folder / name).unlink()
    for name in os.listdir(stage / _EARLIER):
        (stage / _EARLIER / name).replace(folder / name)


def _write_new(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)


def without_links(path: str, flags: int) -> int:
    """Open a file, as an ``opener`` does, unless its name is a link that someone has put there."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def alone_with(file: IO[bytes], path: Path) -> None:
    """Keep an open file to this process until it is closed.

    Raises
    ------
    AhasdError
        Another process has it.
    """
    if fcntl is None:
        return
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AhasdError(
            f"'{path}' is in use: another process works on it; wait for it, or choose another folder"
        ) from error
    except OSError:
        return  # a file system that has no locks, as some in networks


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep other processes from writing into the folder; the system ends it with the process."""
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise AhasdError(
                        f"another process has been writing into '{folder}' for {PATIENCE_S:.0f} s; end it, or choose "
                        "another folder"
                    ) from None
                time.sleep(0.01)
            except OSError:
                break  # a file system that has no locks, as some in networks
        yield
    finally:
        os.close(descriptor)
