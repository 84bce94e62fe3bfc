"""From what a user writes for a speech trace to the trace."""

import os

from ahasd.errors import UnknownNameError
from ahasd.traces.speech.files import holds_speech, load
from ahasd.traces.speech.shipped import load_shipped_speech, shipped_speech
from ahasd.traces.speech.synthetic import PREFIX, parse_synthetic
from ahasd.traces.speech.trace import SpeechTrace


def resolve_speech(text: str, seed: int = 0) -> SpeechTrace:
    """Return the speech trace of a shipped name, of ``synthetic-speech:key=value,…``, or of a file.

    Parameters
    ----------
    seed
        Of a synthetic one that names none.

    Raises
    ------
    UnknownNameError
        It is none of these.
    AhasdError
        The file or the synthetic trace is refused; the message says why.
    """
    if is_synthetic_speech(text):
        return parse_synthetic(text, seed)
    names = shipped_speech()
    if text in names:
        return load_shipped_speech(text)
    if text and (os.path.exists(text) or "/" in text or text.endswith(".safetensors")):
        return load(text)
    raise UnknownNameError("speech trace", text, [*names, f"{PREFIX}:agreement=A", "the path of a file"])


def is_speech(text: str) -> bool:
    """Whether a text names a speech trace rather than another kind.

    Raises
    ------
    AhasdError
        It names a file that cannot be read.
    """
    known = is_synthetic_speech(text) or text in shipped_speech()
    return known or (os.path.isfile(text) and holds_speech(text))


def is_synthetic_speech(text: str) -> bool:
    """Whether a text asks for a made-up one."""
    return text == PREFIX or text.startswith(f"{PREFIX}:")
