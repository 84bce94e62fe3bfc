"""Writing results so that an earlier one is never half overwritten."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError


def to_json(document: Any) -> str:
    """Lay a document out as JSON, the same bytes for the same content."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def check_writable(folder: Path) -> None:
    """Make the folder and see that it can be written, before any work is done.

    Raises
    ------
    AhasdError
        It cannot; the message says why.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError as error:
        raise AhasdError(f"output folder '{folder}' cannot be written: it is a file") from error
    except OSError as error:
        raise AhasdError(f"output folder '{folder}' cannot be written: {error.strerror or error}") from error


def check_file_writable(path: Path) -> None:
    """Make the folder of a file and see that the file can be written there.

    Raises
    ------
    AhasdError
        It cannot; the message says why.
    """
    if not path.name or path.is_dir():
        raise AhasdError(f"output file '{path}' cannot be written: it is a folder; give a file name")
    check_writable(path.parent)


def write_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Write files beside their destination, all of them, and only then rename them into place.

    If a rename fails, those before it are taken back, so that the files of two runs never mix.

    Raises
    ------
    AhasdError
        Writing failed; what was there before is untouched.
    """
    check_writable(folder)
    waiting = {folder / name: folder / f".{name}.{os.getpid()}.part" for name in contents}
    earlier = {folder / name: folder / f".{name}.{os.getpid()}.earlier" for name in contents}
    renamed: list[Path] = []
    try:
        for (path, part), text in zip(waiting.items(), contents.values(), strict=True):
            part.write_text(text, encoding="utf-8", newline="\n")
            if path.exists():
                earlier[path].write_bytes(path.read_bytes())
        for path, part in waiting.items():
            renamed.append(path)
            part.replace(path)
    except OSError as error:
        _take_back(renamed, earlier)
        raise AhasdError(f"cannot write into '{folder}': {error.strerror or error}") from error
    except BaseException:
        _take_back(renamed, earlier)
        raise
    finally:
        for path in (*waiting.values(), *earlier.values()):
            path.unlink(missing_ok=True)


def _take_back(renamed: list[Path], earlier: Mapping[Path, Path]) -> None:
    for path in renamed:
        if earlier[path].exists():
            earlier[path].replace(path)
        else:
            path.unlink(missing_ok=True)
