"""The speech traces that come with the package."""

from functools import cache
from importlib.resources import files

from ahasd.traces.packaged import load_packaged, packaged_names
from ahasd.traces.speech.files import load
from ahasd.traces.speech.trace import SpeechTrace

_FOLDER = files("ahasd.traces") / "data" / "speech"


def shipped_speech() -> list[str]:
    """Return their names, sorted."""
    return packaged_names(_FOLDER)


@cache
def recorded_of(draft: str, target: str) -> str | None:
    """Return the name of the shipped trace of two models; None without one."""
    for name in shipped_speech():
        header = load_shipped_speech(name).header
        if (header.draft, header.target) == (draft, target):
            return name
    return None


def load_shipped_speech(name: str) -> SpeechTrace:
    """Load one.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    return load_packaged(_FOLDER, name, load, "speech trace")
