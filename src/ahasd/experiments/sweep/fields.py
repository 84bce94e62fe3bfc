"""What the name of a varied field stands for: an option of a run, or a constant as ``--set`` changes it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ahasd.assignments import assignments, leaf_keys
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.family.changes import SYSTEM_PREFIX
from ahasd.hardware.preset.hardware import SECTIONS
from ahasd.systems.families import families


def configuration_values(*given: Mapping[str, Any]) -> dict[str, Any]:
    """Put options and constants together as a configuration takes them; of a field the last one counts.

    Raises
    ------
    UnknownNameError
        There is no field of a name.
    AhasdError
        ``set`` is no group.
    """
    options: dict[str, Any] = {}
    constants: dict[str, str] = {}
    for values in given:
        for name, value in values.items():
            if name == "set":
                constants |= dict(text.split("=", 1) for text in _assignments(value))
            elif is_constant(name):
                constants[name] = f"{value}"
            else:
                options[name] = value
    check_fields([*options, *constants])
    found = tuple(f"{name}={value}" for name, value in constants.items())
    return options | ({"set": found} if found else {})


def is_constant(name: str) -> bool:
    """Whether a field is one of the hardware's or the system's, whose names have dots."""
    return "." in name


def check_fields(names: list[str]) -> None:
    """See that some family has each of the fields.

    Raises
    ------
    UnknownNameError
        None has.
    """
    for name in names:
        if name not in _options() and name not in _constants():
            raise UnknownNameError("field", name, {*_options(), *_constants()} - {"set"})


def _assignments(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return assignments(value)
    texts = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(text, str) and "=" in text for text in texts):
        raise AhasdError("set must be a group such as {npu.chips: 2}, or a list of texts such as npu.chips=2")
    return tuple("=".join(part.strip() for part in text.split("=", 1)) for text in texts)


@cache
def _options() -> frozenset[str]:
    return frozenset(name for family in families() for name in family.configuration.model_fields)


@cache
def _constants() -> frozenset[str]:
    return frozenset({*_hardware_keys(), *_system_keys()})


def _hardware_keys() -> Iterator[str]:
    return (f"{section}.{name}" for section, kind in SECTIONS.items() for name in kind.model_fields)


def _system_keys() -> Iterator[str]:
    for family in families():
        for name in family.systems.names:
            for key in leaf_keys(family.systems.load(name).model_dump()):
                yield SYSTEM_PREFIX + key
