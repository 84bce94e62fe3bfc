"""From options and a ``config.json`` to a configuration."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.family.configuration import Configuration
from ahasd.systems.simulate import configure


def configuration_from(config: Path | None, given: Mapping[str, Any]) -> Configuration:
    """Take a file's values, if there is one, and over them the options that were given.

    Raises
    ------
    AhasdError
        The file cannot be read, or a value is wrong.
    """
    values = _read(config) if config is not None else {}
    chosen = {key: value for key, value in given.items() if value is not None}
    if "pair" in chosen:
        values.pop("models", None)
    _, configuration = configure({**values, **chosen})
    return configuration


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AhasdError(f"configuration '{path}' cannot be read: {error.strerror or error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise AhasdError(f"configuration '{path}' is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise AhasdError(f"configuration '{path}' must hold one JSON object")
    return document
