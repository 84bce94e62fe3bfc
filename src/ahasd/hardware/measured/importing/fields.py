"""Figures of JSON objects and of tables of texts, with errors that name file, line and field."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ahasd.hardware.measured.importing.log_text import LogText


@dataclass(frozen=True, slots=True)
class Fields:
    """What a line or an object says.

    Attributes
    ----------
    log, line
        Where it stands.
    values
        Field -> number or text.
    """

    log: LogText
    line: int
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text; "" if it is not there."""
        value = self.values.get(name)
        return value.strip() if isinstance(value, str) else "" if value is None else str(value)

    def number(self, name: str, least: float = 0.0) -> float:
        """A number that must be there.

        Raises
        ------
        AhasdError
            It is not, or is none, or is below the least.
        """
        found = self.optional(name, least)
        if found is None:
            raise self.log.fail(
                self.line, f"field '{name}' is missing; the line is torn or of another version"
            )
        return found

    def optional(self, name: str, least: float = 0.0) -> float | None:
        """A number, None if it is not there.

        Raises
        ------
        AhasdError
            It is none, or below the least.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            number = float("nan") if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not isfinite(number) or number < least:
            raise self.log.fail(
                self.line, f"field '{name}' is {value!r}; expected a number of at least {least:g}"
            )
        return number

    def whole(self, name: str, least: int = 0) -> int:
        """A whole number that must be there.

        Raises
        ------
        AhasdError
            It is not.
        """
        number = self.number(name, least)
        if number != int(number):
            raise self.log.fail(self.line, f"field '{name}' is {number:g}; expected a whole number")
        return int(number)
