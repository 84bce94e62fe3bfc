"""From what a user writes for a routing trace to the trace."""

import os

from ahasd.errors import UnknownNameError
from ahasd.traces.routing.files import holds_routing, load
from ahasd.traces.routing.shipped import load_shipped_routing, shipped_routing
from ahasd.traces.routing.synthetic import PREFIX, parse_synthetic
from ahasd.traces.routing.trace import RoutingTrace


def resolve_routing(text: str) -> RoutingTrace:
    """Return the trace of a shipped name, of ``synthetic-routing:key=value,…``, or of a file.

    Raises
    ------
    UnknownNameError
        It is none of these.
    AhasdError
        The file or the synthetic routing is refused; the message says why.
    """
    if _is_synthetic(text):
        return parse_synthetic(text)
    names = shipped_routing()
    if text in names:
        return load_shipped_routing(text)
    if text and (os.path.exists(text) or "/" in text or text.endswith(".safetensors")):
        return load(text)
    raise UnknownNameError("routing trace", text, [*names, f"{PREFIX}:zipf=Z,repeat=R", "the path of a file"])


def is_routing(text: str) -> bool:
    """Whether a text names routing rather than another kind of trace.

    Raises
    ------
    AhasdError
        It names a file that cannot be read.
    """
    return _is_synthetic(text) or text in shipped_routing() or (os.path.isfile(text) and holds_routing(text))


def _is_synthetic(text: str) -> bool:
    return text == PREFIX or text.startswith(f"{PREFIX}:")
