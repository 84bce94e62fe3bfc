"""``--grid KEY=A,B,C``: fields with their values."""

from collections.abc import Sequence
from typing import Any

from ahasd.cli.choices import holds_list
from ahasd.cli.comma_lists import split_algorithms, split_names
from ahasd.errors import AhasdError

#: Fields whose values may hold commas: ``synthetic:acceptance=0.8,auc=0.7``.
_WITH_PARAMETERS = ("algorithm", "trace", "routing")


def read_grid(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Split fields and values; of a field that comes twice the values add up.

    Raises
    ------
    AhasdError
        A text is no field with values.
    """
    found: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise AhasdError(f"--grid {text}: expected KEY=A,B,C, such as npu.chips=1,2,4")
        if not values:
            raise AhasdError(f"--grid {text}: {name} has no value; give some, such as {name}=1,2")
        if holds_list(values):
            split = [values]
        else:
            split = (split_algorithms if name in _WITH_PARAMETERS else split_names)(f"--grid {name}=", values)
        found.setdefault(name, []).extend(_value(value) for value in split)
    return found


def _value(text: str) -> Any:
    """A whole number where it is one, so that a file and a command line mean the same point."""
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if "_" not in text else text
    return text
