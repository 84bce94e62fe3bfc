"""A file that another program wrote, with errors that name file and line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.plain_text import one_line
from ahasd.text_files import DATA_BYTES, parse_json, read_text, whole_number

#: Characters of a line that an error shows (ours).
SHOWN = 60


@dataclass(frozen=True, slots=True)
class LogText:
    """A text and where it stands.

    Attributes
    ----------
    file
        As errors call it.
    text
        All of it.
    lines
        The same by line.
    """

    file: str
    text: str
    lines: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.text.split("\n")))

    def fail(self, line: int, problem: str) -> AhasdError:
        """Make an error about a line, the first being 1."""
        return AhasdError(f"{one_line(self.file)}, line {line}: {problem}")

    def torn(self, line: int, wanted: str) -> AhasdError:
        """Make an error about a line of which a part is missing."""
        said = one_line(self.lines[line - 1].strip())
        shown = said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
        return self.fail(
            line, f"'{shown}' is torn or of another version; expected {wanted}. Mend or delete the line"
        )

    def objects(self) -> list[tuple[int, dict[str, Any]]]:
        """JSON objects with the lines where they begin: of an array, of a single one, or one a line.

        Lines of a log before and after are passed over.

        Raises
        ------
        AhasdError
            One is torn, or there is something else.
        """
        if any(re.match(r'\s*\{ *"', line) for line in self.lines) and not self._is_document():
            return list(self._line_objects())
        # Kept at their lines, so that an error of the parser names the right one.
        places = [number for number, line in enumerate(self.lines) if line.rstrip() in ("[", "]", "{", "}")]
        inner = range(places[0], places[-1] + 1) if places else range(len(self.lines))
        body = "\n".join(line if number in inner else "" for number, line in enumerate(self.lines))
        document = parse_json(self.text if self._is_document() else body, one_line(self.file))
        entries = document if isinstance(document, list) else [document]
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                raise AhasdError(f"{one_line(self.file)}, entry {number}: expected a JSON object")
        return [(1, entry) for entry in entries]

    def _is_document(self) -> bool:
        try:
            json.loads(self.text)
        except (ValueError, RecursionError):
            return False
        return True

    def _line_objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(self.lines, start=1):
            if not line.lstrip().startswith("{"):
                continue
            try:
                entry = json.loads(line, parse_int=whole_number)
            except (ValueError, RecursionError):
                raise self.torn(number, "a whole JSON object") from None
            yield number, entry


def read_log(path: Path) -> LogText:
    """Read a file.

    Raises
    ------
    AhasdError
        It cannot be read, or is empty.
    """
    found = LogText(str(path), read_text(path, "measurements", DATA_BYTES))
    if not found.text.strip():
        raise AhasdError(
            f"{one_line(found.file)}, line 1: the file is empty; did the program end before it wrote?"
        )
    return found
