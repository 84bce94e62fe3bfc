"""Changing single fields of a configuration by text: ``npu.clock_ghz=1.2``."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.invalid_values import explain
from ahasd.text_files import plain_number

Model = TypeVar("Model", bound=BaseModel)


def split_assignment(text: str) -> tuple[str, str]:
    """Split ``key=value``.

    Raises
    ------
    AhasdError
        There is no ``=`` or nothing before it.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not key:
        raise AhasdError(f"--set {text}: expected KEY=VALUE, such as npu.clock_ghz=1.2")
    return key, value


def assignments(changes: Mapping[str, Any], prefix: str = "") -> tuple[str, ...]:
    """Write ``{"npu": {"chips": 2}, "system.edc": False}`` as ``("npu.chips=2", "system.edc=False")``."""
    found: list[str] = []
    for key, value in changes.items():
        if isinstance(value, Mapping):
            found += assignments(value, f"{prefix}{key}.")
        else:
            found.append(f"{prefix}{key}={value}")
    return tuple(found)


def leaf_keys(document: dict[str, Any], prefix: str = "") -> list[str]:
    """Dotted names of all values in a nested document."""
    keys: list[str] = []
    for name, value in document.items():
        keys += leaf_keys(value, f"{prefix}{name}.") if isinstance(value, dict) else [f"{prefix}{name}"]
    return keys


def assign(model: Model, key: str, text: str, prefix: str = "") -> Model:
    """Return the model with one field replaced and everything validated again.

    Parameters
    ----------
    prefix
        What stands before the model's fields in the user's names for them, such as ``"system."``.

    Raises
    ------
    UnknownNameError
        The model has no such field.
    AhasdError
        The value does not fit the field.
    """
    document = model.model_dump(exclude_none=True)
    valid = [prefix + name for name in [*leaf_keys(document), *_absent_values(model)]]
    if key not in valid:
        raise UnknownNameError("--set key", key, valid)
    *path, name = key.removeprefix(prefix).split(".")
    place = document
    for part in path:
        place = place[part]
    place[name] = text
    try:
        plain_number(text)
        return type(model).model_validate(document)
    except ValidationError as error:
        raise AhasdError(f"--set {key}={text}: {explain(error, prefix)}") from error
    except ValueError as error:
        raise AhasdError(f"--set {key}={text}: {error}") from error


def _absent_values(model: BaseModel, prefix: str = "") -> list[str]:
    """Dotted names of the values that are not given and can be; a section that is absent has no keys to set."""
    names: list[str] = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            names += _absent_values(value, f"{prefix}{name}.")
        elif value is None and {*get_args(field.annotation)} <= {str, int, float, bool, NoneType}:
            names.append(prefix + name)
    return names
