"""The traces that come with the package, recorded from the tiny pair and from SmolLM2 with its drafts."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from ahasd.traces import files as trace_files
from ahasd.traces.packaged import load_packaged, packaged_names
from ahasd.traces.rollout.rollout import RolloutTrace


def shipped_names() -> list[str]:
    """Return the names of the shipped traces, sorted."""
    return packaged_names(_folder())


def load_shipped(name: str) -> RolloutTrace:
    """Load a shipped trace.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    return load_packaged(_folder(), name, trace_files.load, "shipped trace")


def _folder() -> Traversable:
    return files("ahasd.traces") / "data"
