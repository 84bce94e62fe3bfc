"""Hardware presets as they stand in YAML, before anything is checked but that they are documents.

A document refines the one that its ``base`` names, section by section: what it does not give is the base's, and a
section that it gives as ``null`` is left out.
"""

import os
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.preset.builtin import builtin_document, laid_over, preset_names
from ahasd.hardware.preset.moved import migrated
from ahasd.hardware.preset.owned.owned_presets import owned_document, owned_names
from ahasd.text_files import read_text
from ahasd.yaml_text import parse_yaml


def user_document(path: Path) -> dict[str, Any]:
    """Read a user's file; its ``base`` is a built-in preset or another file, seen from its own folder.

    Raises
    ------
    UnknownNameError
        There is no such base.
    AhasdError
        A file cannot be read or is no document, or bases go in a circle.
    """
    return _read(path, ())


def given_document(document: dict[str, Any], where: str) -> dict[str, Any]:
    """Take a document that a user gave, such as one of a ``config.json``; its ``base`` is as that of a file here.

    Raises
    ------
    UnknownNameError
        There is no such base.
    AhasdError
        A base cannot be read or is no document.
    """
    return _refined(document, where, Path(), ())


def is_file_name(text: str) -> bool:
    """Whether a text names a file, not a preset."""
    path = Path(text)
    return bool(text) and (os.path.exists(text) or path.suffix in {".yaml", ".yml"} or "/" in text)


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
    document = parse_yaml(text, where)
    if not isinstance(document, dict):
        raise AhasdError(f"{where} is not a hardware preset: expected sections such as 'npu:' and 'memory:'")
    return document


def _read(path: Path, refining: tuple[Path, ...]) -> dict[str, Any]:
    """Read a file that those of ``refining`` are based on, each on the next."""
    files = (*refining, path)
    if path.resolve() in [earlier.resolve() for earlier in refining]:
        raise AhasdError(f"{files[0]}: its bases go in a circle: {' -> '.join(map(str, files))}")
    return _refined(
        parse_document(read_text(path, "hardware file"), str(path)), str(path), path.parent, files
    )


def _refined(
    document: dict[str, Any], where: str, folder: Path, refining: tuple[Path, ...]
) -> dict[str, Any]:
    own = _with_sources(migrated(document, where), Path(where).name)
    if "base" not in own:
        return own
    base = own.pop("base")
    if not isinstance(base, str):
        raise AhasdError(f"{where}: base is {base!r}; must be the name of a preset or of a file")
    if base in preset_names():
        return laid_over(builtin_document(base), own)
    if base in owned_names():
        return laid_over(owned_document(base), own)
    file = folder / base
    if os.path.exists(file):
        return laid_over(_read(file, refining), own)
    if is_file_name(base):
        raise AhasdError(f"{where}: its base '{base}' does not exist")
    raise UnknownNameError(f"base of {where}", base, [*preset_names(), *owned_names()])


def _with_sources(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The document with a source for every constant that it gives as a bare value."""
    return {
        section: {
            key: entry if isinstance(entry, dict) else {"value": entry, "source": f"given in {name}"}
            for key, entry in content.items()
        }
        if isinstance(content, dict)
        else content
        for section, content in document.items()
    }
