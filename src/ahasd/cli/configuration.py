"""From options and a ``config.json`` to a configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.family.configuration import Configuration
from ahasd.systems.simulate import configure
from ahasd.text_files import parse_json, read_text

#: Options, and what a file may say in the place of each.
_SAME = (
    ("pair", "models"),
    ("weight_bits", "weight_format"),
    ("weight_format", "weight_bits"),
    ("kv_bits", "kv_format"),
    ("kv_format", "kv_bits"),
)


def configuration_from(config: Path | None, given: Mapping[str, Any]) -> Configuration:
    """Take a file's values, if there is one, and over them the options that were given.

    Raises
    ------
    AhasdError
        The file cannot be read, or a value is wrong.
    """
    values = _read(config) if config is not None else {}
    chosen = {key: value for key, value in given.items() if value is not None}
    for said, otherwise in _SAME:
        if said in chosen:
            values.pop(otherwise, None)
    _, configuration = configure({**values, **chosen})
    return configuration


def _read(path: Path) -> dict[str, Any]:
    where = f"configuration '{path}'"
    document = parse_json(read_text(path, "configuration"), where)
    if not isinstance(document, dict):
        raise AhasdError(f"{where} must hold one JSON object")
    return document
