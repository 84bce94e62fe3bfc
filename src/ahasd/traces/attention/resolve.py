"""From what a user writes for an attention trace to the trace."""

import os

from ahasd.traces.attention.files import holds_attention, load
from ahasd.traces.attention.synthetic import PREFIX, parse_synthetic
from ahasd.traces.attention.trace import AttentionTrace


def resolve_attention(text: str) -> AttentionTrace:
    """Return the trace of ``synthetic-attention:key=value,…``, or of a file.

    Raises
    ------
    AhasdError
        The file or the synthetic attention is refused; the message says why.
    """
    if _is_synthetic(text):
        return parse_synthetic(text)
    return load(text)


def is_attention(text: str) -> bool:
    """Whether a text names attention rather than another kind of trace.

    Raises
    ------
    AhasdError
        It names a file that cannot be read.
    """
    return _is_synthetic(text) or (os.path.isfile(text) and holds_attention(text))


def _is_synthetic(text: str) -> bool:
    return text == PREFIX or text.startswith(f"{PREFIX}:")
