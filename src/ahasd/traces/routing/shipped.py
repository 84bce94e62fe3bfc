"""The routing traces that come with the package, recorded from the tiny mixture."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from ahasd.traces.packaged import load_packaged, packaged_names
from ahasd.traces.routing.files import load
from ahasd.traces.routing.trace import RoutingTrace


def shipped_routing() -> list[str]:
    """Return the names of the shipped routing traces, sorted."""
    return packaged_names(_folder())


def load_shipped_routing(name: str) -> RoutingTrace:
    """Load one.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    return load_packaged(_folder(), name, load, "shipped routing trace")


def _folder() -> Traversable:
    return files("ahasd.traces") / "data" / "routing"
