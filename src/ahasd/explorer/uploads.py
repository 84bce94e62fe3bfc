"""Files of models that a browser hands over: kept for as long as the page is served, read as data."""

import re
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.plain_text import one_line

#: Bytes of a file, and of all files of one page (ours). The header of a model, which is all that is read of it,
#: has a few megabytes at most, but small GGUF files are handed over whole.
FILE_BYTES, ALL_BYTES = 256 * 2**20, 1024 * 2**20

#: Bytes of a request around a file: heads and names of a form (ours).
AROUND_BYTES = 2**20

#: Endings of files that can be models.
ENDINGS = (".json", ".gguf")


class Uploads:
    """Keeps files below a folder, each in a folder of its own.

    Parameters
    ----------
    folder
        There already; its owner removes it.
    """

    def __init__(self, folder: Path, file_bytes: int = FILE_BYTES, all_bytes: int = ALL_BYTES) -> None:
        self._folder, self._file_bytes, self._all_bytes = folder, file_bytes, all_bytes
        self._kept, self._taken = 0, 0

    def place(self, name: str, size_bytes: int) -> Path:
        """Where a file is to be written.

        Raises
        ------
        AhasdError
            It is no model by its name, or larger than what is taken; the message says what to do.
        """
        shown = one_line(name[:80])
        if not name.lower().endswith(ENDINGS):
            raise AhasdError(f"'{shown}' is neither a config.json nor a .gguf file")
        if size_bytes > self._file_bytes:
            raise AhasdError(
                f"'{shown}' has {size_bytes} bytes; at most {self._file_bytes} are taken. Write the path of the file "
                "into the field instead: it is read where it lies"
            )
        if self._taken + size_bytes > self._all_bytes:
            raise AhasdError(
                f"with '{shown}' the files of this page would exceed {self._all_bytes} bytes; start `ahasd explore` "
                "anew, or write the path of the file into the field"
            )
        self._kept, self._taken = self._kept + 1, self._taken + size_bytes
        place = self._folder / str(self._kept)
        place.mkdir()
        return place / plain_name(name)


def plain_name(name: str) -> str:
    """The name of a file without folders, and with letters, digits, dots, underscores and hyphens alone."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).lstrip(".-")[-80:] or "model.json"
