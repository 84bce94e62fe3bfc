"""From what a user writes for an attention trace to the trace."""

import os

from ahasd.errors import UnknownNameError
from ahasd.traces.attention.files import holds_attention, load
from ahasd.traces.attention.shipped import load_shipped_attention, shipped_attention
from ahasd.traces.attention.synthetic import PREFIX, parse_synthetic
from ahasd.traces.attention.trace import AttentionTrace


def resolve_attention(text: str) -> AttentionTrace:
    """Return the trace of ``synthetic-attention:key=value,…``, of a shipped name, or of a file.

    Raises
    ------
    UnknownNameError
        It is none of these.
    AhasdError
        The file or the synthetic attention is refused; the message says why.
    """
    if _is_synthetic(text):
        return parse_synthetic(text)
    names = shipped_attention()
    if text in names:
        return load_shipped_attention(text)
    if os.path.exists(text) or "/" in text or text.endswith(".safetensors"):
        return load(text)
    raise UnknownNameError("attention trace", text, ["uniform", *names, f"{PREFIX}:…", "the path of a file"])


def is_attention(text: str) -> bool:
    """Whether a text names attention rather than another kind of trace.

    Raises
    ------
    AhasdError
        It names a file that cannot be read.
    """
    known = _is_synthetic(text) or text in shipped_attention()
    return known or (os.path.isfile(text) and holds_attention(text))


def _is_synthetic(text: str) -> bool:
    return text == PREFIX or text.startswith(f"{PREFIX}:")
