"""Rows of plain values under names: what stands behind a figure, and what a run leaves for its figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ahasd.errors import AhasdError

#: A value of a row; a figure's axis is of numbers or of text.
Value = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of values, a value for each name.

    Raises
    ------
    ValueError
        A row has more or fewer values than there are names.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.names):
                raise ValueError(f"{len(row)} values where there are {len(self.names)} names: {row}")

    @classmethod
    def of(cls, names: Sequence[str], rows: Iterable[Sequence[Value]]) -> Self:
        """Take rows of any kind."""
        return cls(tuple(names), tuple(tuple(row) for row in rows))

    def column(self, name: str) -> list[Any]:
        """All values of a name."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """A mapping for each row."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def document(self) -> dict[str, list[Value]]:
        """Every name with all its values, which takes less room than a mapping for each row."""
        return {name: self.column(name) for name in self.names}

    @classmethod
    def read(cls, document: Any, where: str) -> Self:
        """Take what `document` gives.

        Raises
        ------
        AhasdError
            It has another form; ``where`` names it.
        """
        if not isinstance(document, dict) or not all(
            isinstance(values, list) for values in document.values()
        ):
            raise AhasdError(f"{where} must be a mapping of names to lists")
        if len({len(values) for values in document.values()}) > 1:
            raise AhasdError(f"{where} has columns of different lengths")
        for name, values in document.items():
            if not all(value is None or isinstance(value, str | float | int) for value in values):
                raise AhasdError(f"{where}: column {name} has values that are neither numbers nor text")
        return cls(tuple(document), tuple(zip(*document.values(), strict=True)))


#: What a run leaves for its figures, by name of the rows.
Details = Mapping[str, Columns]

#: Of the file of details.
SCHEMA_VERSION = 1


def details_document(details: Details) -> dict[str, Any]:
    """Details for ``details.json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tables": {name: columns.document() for name, columns in details.items()},
    }


def read_details(document: Any, where: str) -> dict[str, Columns]:
    """Read what `details_document` gives.

    Raises
    ------
    AhasdError
        It is of another version, or has another form.
    """
    if not isinstance(document, dict) or not isinstance(document.get("tables"), dict):
        raise AhasdError(f"{where} is no file of details: it has no 'tables'")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise AhasdError(f"{where} is of schema {version!r}; this version reads {SCHEMA_VERSION}")
    return {name: Columns.read(table, f"{where}: {name}") for name, table in document["tables"].items()}
