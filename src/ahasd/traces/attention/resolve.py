"""From what a user writes for an attention trace to the trace."""

from ahasd.traces.attention.files import load
from ahasd.traces.attention.synthetic import PREFIX, parse_synthetic
from ahasd.traces.attention.trace import AttentionTrace


def resolve_attention(text: str) -> AttentionTrace:
    """Return the trace of ``synthetic-attention:key=value,…``, or of a file.

    Raises
    ------
    AhasdError
        The file or the synthetic attention is refused; the message says why.
    """
    if text == PREFIX or text.startswith(f"{PREFIX}:"):
        return parse_synthetic(text)
    return load(text)
