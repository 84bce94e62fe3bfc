"""The routing traces that come with the package, recorded from the tiny mixture."""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from ahasd.errors import UnknownNameError
from ahasd.traces.routing.files import load
from ahasd.traces.routing.trace import RoutingTrace

_SUFFIX = ".safetensors"


def shipped_routing() -> list[str]:
    """Return the names of the shipped routing traces, sorted."""
    folder = _folder()
    if not folder.is_dir():
        return []
    return sorted(f.name.removesuffix(_SUFFIX) for f in folder.iterdir() if f.name.endswith(_SUFFIX))


def load_shipped_routing(name: str) -> RoutingTrace:
    """Load one.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    names = shipped_routing()
    if name not in names:
        raise UnknownNameError("shipped routing trace", name, names)
    with as_file(_folder() / f"{name}{_SUFFIX}") as path:
        return load(path)


def _folder() -> Traversable:
    return files("ahasd.traces") / "data" / "routing"
