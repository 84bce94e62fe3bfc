"""Options of which every one may have several values: what is combined, and what all runs share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ahasd.assignments import split_assignment
from ahasd.cli.comma_lists import split_algorithms, split_names
from ahasd.cli.run_options import read_value
from ahasd.family.run_options import RunOptions

#: Options whose values may hold commas: ``synthetic:acceptance=0.8,auc=0.7``.
_WITH_PARAMETERS = ("algorithm", "trace")

_OPENING, _CLOSING = "[{", "]}"


@dataclass(frozen=True, slots=True)
class GivenLists:
    """What a user gave, each option with its values.

    Attributes
    ----------
    options
        Fields of the configuration, but for ``set``.
    constants
        Keys of ``--set``.
    """

    options: Mapping[str, list[Any]]
    constants: Mapping[str, list[str]]


def given_lists(given: Mapping[str, Any], stated: type[RunOptions]) -> GivenLists:
    """Split what was given at its commas.

    Parameters
    ----------
    stated
        Where the options are, with their types.

    Raises
    ------
    AhasdError
        A value is missing between two commas or is no number, or ``--set`` is not KEY=VALUE.
    """
    options: dict[str, list[Any]] = {}
    for name, text in given.items():
        if name != "set":
            split = split_algorithms if name in _WITH_PARAMETERS else split_names
            values = split("--" + name.replace("_", "-"), text)
            options[name] = [read_value(stated, name, value) for value in values]
    constants: dict[str, list[str]] = {}
    for text in given.get("set", []):
        key, value = split_assignment(text)
        constants[key] = [value] if holds_list(value) else split_names(f"--set {key}=", value)
    return GivenLists(options, constants)


def holds_list(value: str) -> bool:
    """Whether the commas of a value are its own: it is a list or a group in brackets."""
    return value != "" and value[0] in _OPENING and value[-1] in _CLOSING
