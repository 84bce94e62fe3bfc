"""Hardware presets as they stand in YAML, before anything is checked but that they are documents."""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from ahasd.errors import AhasdError


def preset_names() -> list[str]:
    """Names of the built-in presets."""
    folder = resources.files("ahasd.hardware.preset") / "machines"
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml") and not entry.name.startswith("_")
    )


def has_section(name: str, section: str) -> bool:
    """Whether a built-in preset has a section, such as ``"pim"``."""
    return section in builtin_document(name)


@cache
def builtin_document(name: str) -> dict[str, Any]:
    """Read a built-in document, not to be changed; ``base`` names the one that it refines, section by section."""
    text = (resources.files("ahasd.hardware.preset") / "machines" / f"{name}.yaml").read_text(
        encoding="utf-8"
    )
    document = parse_document(text, f"preset {name}")
    base = document.pop("base", None)
    if base is None:
        return document
    merged = dict(builtin_document(base))
    for key, value in document.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    return merged


def read_text(path: Path) -> str:
    """Read a user's file.

    Raises
    ------
    AhasdError
        There is none, or it cannot be read as text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise AhasdError(f"hardware file '{path}' does not exist") from error
    except OSError as error:
        raise AhasdError(f"hardware file '{path}' cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise AhasdError(f"hardware file '{path}' is not text in UTF-8") from error


def parse_document(text: str, where: str) -> dict[str, Any]:
    """Parse YAML that must hold a mapping.

    Parameters
    ----------
    where
        What to call the text in an error.

    Raises
    ------
    AhasdError
        It is not YAML, or not a mapping.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AhasdError(f"{where} is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise AhasdError(f"{where} is not a hardware preset: expected sections such as 'npu:' and 'memory:'")
    return document
