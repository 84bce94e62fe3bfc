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
    except OSError as error:
        raise AhasdError(f"output folder '{folder}' cannot be written: {error.strerror or error}") from error


def write_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Write files beside their destination, all of them, and only then rename them into place.

    Raises
    ------
    AhasdError
        Writing failed; what was there before is untouched.
    """
    check_writable(folder)
    written: list[tuple[Path, Path]] = []
    try:
        for name, text in contents.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            written.append((Path(temporary), folder / name))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        for temporary_path, final in written:
            temporary_path.chmod(0o644)
            temporary_path.replace(final)
    except OSError as error:
        raise AhasdError(f"cannot write into '{folder}': {error.strerror or error}") from error
    finally:
        for temporary_path, _ in written:
            temporary_path.unlink(missing_ok=True)
