"""The traces that come with the package, recorded from the tiny model pair."""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from ahasd.errors import UnknownNameError
from ahasd.traces import files as trace_files
from ahasd.traces.rollout.rollout import RolloutTrace

_SUFFIX = ".safetensors"


def shipped_names() -> list[str]:
    """Return the names of the shipped traces, sorted."""
    folder = _folder()
    if not folder.is_dir():
        return []
    return sorted(f.name.removesuffix(_SUFFIX) for f in folder.iterdir() if f.name.endswith(_SUFFIX))


def load_shipped(name: str) -> RolloutTrace:
    """Load a shipped trace.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    names = shipped_names()
    if name not in names:
        raise UnknownNameError("shipped trace", name, names)
    with as_file(_folder() / f"{name}{_SUFFIX}") as path:
        return trace_files.load(path)


def _folder() -> Traversable:
    return files("ahasd.traces") / "data"
