"""Reading reference tables, with errors that name file, line and column."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from math import isfinite
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, plain_number, read_text, whole_number


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table.

    Attributes
    ----------
    file, line
        Where it stands; the head is line 1.
    texts
        Column -> text.
    """

    file: str
    line: int
    texts: dict[str, str]

    def fail(self, column: str, problem: str) -> AhasdError:
        """Make an error about a column of this row."""
        return AhasdError(f"{self.file}, line {self.line}, column '{column}': {problem}")

    def whole(self, column: str, minimum: int = 0) -> int:
        """Read a whole number.

        Raises
        ------
        AhasdError
            It is none, or below the minimum.
        """
        text = self.texts[column]
        try:
            value = whole_number(plain_number(text))
        except ValueError:
            raise self.fail(column, f"'{text}' is not a whole number") from None
        if value < minimum:
            raise self.fail(column, f"{value} is below {minimum}")
        return value

    def number(self, column: str) -> float:
        """Read a positive finite number.

        Raises
        ------
        AhasdError
            It is none.
        """
        text = self.texts[column]
        try:
            value = float(plain_number(text))
        except ValueError:
            raise self.fail(column, f"'{text}' is not a number") from None
        if not isfinite(value) or value <= 0:
            raise self.fail(column, f"{text} must be positive and finite")
        return value

    def choice(self, column: str, valid: Sequence[str]) -> str:
        """Read one of several words.

        Raises
        ------
        AhasdError
            It is none of them.
        """
        text = self.texts[column]
        if text not in valid:
            raise self.fail(column, f"'{text}' is none of {', '.join(valid)}")
        return text


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read a CSV file with at least these columns and one row.

    Raises
    ------
    AhasdError
        A column is missing, a row is too short or too long, or the file cannot be read.
    """
    rows = list(_rows(path, columns))
    if not rows:
        raise AhasdError(f"{path.name}, line 2, column '{columns[0]}': the table has no rows")
    return rows


def _rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    reader = csv.reader(StringIO(read_text(path, "table", DATA_BYTES), newline=""))
    try:
        head = next(reader, [])
        for column in columns:
            if column not in head:
                raise AhasdError(f"{path.name}, line 1, column '{column}': missing from the head")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(head):
                at = head[min(len(cells), len(head) - 1)]
                raise AhasdError(
                    f"{path.name}, line {reader.line_num}, column '{at}': "
                    f"{len(cells)} cells where the head has {len(head)}"
                )
            yield Row(path.name, reader.line_num, dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        raise AhasdError(f"{path.name} cannot be read: {error}") from error
