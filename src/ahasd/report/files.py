"""Writing results so that an earlier one is never half overwritten."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.plain_text import json_safe, printable
from ahasd.whole_files import tidy, write_whole


def to_json(document: Any) -> str:
    """Lay a document out as JSON, the same bytes for the same content."""
    return json_safe(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def to_compact_json(document: Any) -> str:
    """The same without line breaks, for what programs read."""
    compact = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return json_safe(compact) + "\n"


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
        tidy(folder)
    except FileExistsError as error:
        raise AhasdError(f"output folder '{folder}' cannot be written: it is a file") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise AhasdError(f"output folder '{folder}' cannot be written: {reason}") from error


def check_file_writable(path: Path) -> None:
    """Make the folder of a file and see that the file can be written there.

    Raises
    ------
    AhasdError
        It cannot; the message says why.
    """
    if not path.name or os.path.isdir(path):
        raise AhasdError(f"output file '{path}' cannot be written: it is a folder; give a file name")
    check_writable(path.parent)


def write_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Write files, all of them or none, so that those of two runs never mix; see `ahasd.whole_files`.

    What would steer a terminal is written as an escape.

    Raises
    ------
    AhasdError
        Writing failed; what was there before is untouched.
    """
    write_bytes(folder, {name: printable(text).encode() for name, text in contents.items()})


def write_bytes(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files as they are, all of them or none.

    Raises
    ------
    AhasdError
        Writing failed; what was there before is untouched.
    """
    check_writable(folder)
    try:
        write_whole(folder, contents)
    except OSError as error:
        raise AhasdError(f"cannot write into '{folder}': {error.strerror or error}") from error
