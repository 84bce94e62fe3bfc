"""Typed access to the fields of a configuration file, with errors that name file and field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ahasd.errors import AhasdError

#: Spellings of `transformers` for the activation functions that we count.
ACTIVATIONS = {
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu",
    "gelu_fast": "gelu",
    "gelu_python": "gelu",
    "gelu_pytorch_tanh": "gelu",
    "relu2": "relu2",
    "silu": "silu",
    "swish": "silu",
    "xielu": "xielu",
}


@dataclass(frozen=True, slots=True)
class ConfigReader:
    """Fields of `contents`, which came from `origin`.

    A field that is absent or null takes its default where one is given, and is an AhasdError otherwise.
    """

    contents: Mapping[str, Any]
    origin: str

    def integer(self, field: str, default: int | None = None) -> int:
        """Read a positive integer."""
        value = self.optional_integer(field)
        if value is None:
            value = default
        if value is None:
            raise AhasdError(f"{self.origin}: field '{field}' is missing")
        return value

    def optional_integer(self, field: str) -> int | None:
        """Read a positive integer, or None."""
        value = self.contents.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise AhasdError(f"{self.origin}: field '{field}' must be a positive integer, not {value!r}")
        return value

    def count(self, field: str, default: int | None = None) -> int:
        """Read an integer that may be 0."""
        value = self.contents.get(field)
        if value is None:
            value = default
        if value is None:
            raise AhasdError(f"{self.origin}: field '{field}' is missing")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise AhasdError(f"{self.origin}: field '{field}' must be a count, not {value!r}")
        return value

    def part(self, field: str) -> "ConfigReader":
        """Fields of a part of the file, which must be there."""
        value = self.contents.get(field)
        if not isinstance(value, Mapping):
            raise AhasdError(f"{self.origin}: field '{field}' must hold fields, not {value!r}")
        return ConfigReader(value, f"{self.origin}: {field}")

    def with_defaults(self, **fields: Any) -> "ConfigReader":
        """The same file where it says nothing of some fields, which its family does not need or always has."""
        said = {field: value for field, value in self.contents.items() if value is not None}
        return ConfigReader(fields | said, self.origin)

    def optional_number(self, field: str) -> float | None:
        """Read a number, or None."""
        value = self.contents.get(field)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise AhasdError(f"{self.origin}: field '{field}' must be a number, not {value!r}")
        return None if value is None else float(value)

    def integers(self, field: str) -> tuple[int, ...] | None:
        """Read a list of integers, or None."""
        value = self.contents.get(field)
        if value is None:
            return None
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            raise AhasdError(f"{self.origin}: field '{field}' must be a list of integers, not {value!r}")
        return tuple(value)

    def texts(self, field: str) -> tuple[str, ...] | None:
        """Read a list of strings, or None."""
        value = self.contents.get(field)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise AhasdError(f"{self.origin}: field '{field}' must be a list of names, not {value!r}")
        return tuple(value)

    def flag(self, field: str, default: bool) -> bool:
        """Read true or false."""
        value = self.contents.get(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise AhasdError(f"{self.origin}: field '{field}' must be true or false, not {value!r}")
        return value

    def text(self, field: str, default: str | None = None) -> str:
        """Read a string."""
        value = self.contents.get(field)
        if value is None:
            value = default
        if value is None:
            raise AhasdError(f"{self.origin}: field '{field}' is missing")
        if not isinstance(value, str):
            raise AhasdError(f"{self.origin}: field '{field}' must be a string, not {value!r}")
        return value

    def activation(self, field: str) -> str:
        """Read an activation function, in our spelling."""
        given = self.text(field)
        if given not in ACTIVATIONS:
            valid = ", ".join(sorted(ACTIVATIONS))
            raise AhasdError(f"{self.origin}: {field} '{given}' is not supported; supported are {valid}")
        return ACTIVATIONS[given]

    def share(self, whole_field: str, whole: int, parts_field: str, parts: int) -> int:
        """Divide one field by another without remainder."""
        if whole % parts:
            raise AhasdError(
                f"{self.origin}: {whole_field} ({whole}) must be a multiple of {parts_field} ({parts})"
            )
        return whole // parts
