"""The attention traces that come with the package."""

from importlib.resources import files

from ahasd.traces.attention.files import load
from ahasd.traces.attention.trace import AttentionTrace
from ahasd.traces.packaged import load_packaged, packaged_names

_FOLDER = files("ahasd.traces") / "data" / "attention"


def shipped_attention() -> list[str]:
    """Return their names, sorted."""
    return packaged_names(_FOLDER)


def load_shipped_attention(name: str) -> AttentionTrace:
    """Load one.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    return load_packaged(_FOLDER, name, load, "attention trace")
