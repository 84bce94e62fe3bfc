"""Traces that lie in the package, whatever their kind."""

from collections.abc import Callable
from importlib.resources import as_file
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from ahasd.errors import UnknownNameError

_SUFFIX = ".safetensors"
_Trace = TypeVar("_Trace")


def packaged_names(folder: Traversable) -> list[str]:
    """Return the names of the traces in a folder of the package, sorted."""
    if not folder.is_dir():
        return []
    return sorted(f.name.removesuffix(_SUFFIX) for f in folder.iterdir() if f.name.endswith(_SUFFIX))


def load_packaged(folder: Traversable, name: str, load: Callable[[Path], _Trace], kind: str) -> _Trace:
    """Load one of them.

    Parameters
    ----------
    load
        Reads a file of its kind.
    kind
        What to call it where there is none of that name.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    names = packaged_names(folder)
    if name not in names:
        raise UnknownNameError(kind, name, names)
    with as_file(folder / f"{name}{_SUFFIX}") as path:
        return load(path)
