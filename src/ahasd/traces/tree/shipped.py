"""The tree traces that come with the package."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from ahasd.traces.packaged import load_packaged, packaged_names
from ahasd.traces.tree.files import load
from ahasd.traces.tree.trace import TreeTrace


def shipped_trees() -> list[str]:
    """Return the names of the shipped tree traces, sorted."""
    return packaged_names(_folder())


def load_shipped_tree(name: str) -> TreeTrace:
    """Load one.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    return load_packaged(_folder(), name, load, "shipped tree trace")


def _folder() -> Traversable:
    return files("ahasd.traces") / "data" / "tree"
