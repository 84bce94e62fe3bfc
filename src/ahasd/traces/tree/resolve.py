"""From what a user writes for a tree trace to the trace."""

import os

from ahasd.errors import UnknownNameError
from ahasd.traces.tree.files import holds_tree, load
from ahasd.traces.tree.shipped import load_shipped_tree, shipped_trees
from ahasd.traces.tree.synthetic import PREFIX, parse_synthetic
from ahasd.traces.tree.trace import TreeTrace


def resolve_tree_trace(text: str) -> TreeTrace:
    """Return the trace of a shipped name, of ``synthetic-tree:key=value,…``, or of a file.

    Raises
    ------
    UnknownNameError
        It is none of these.
    AhasdError
        The file or the synthetic trace is refused; the message says why.
    """
    if _is_synthetic(text):
        return parse_synthetic(text)
    names = shipped_trees()
    if text in names:
        return load_shipped_tree(text)
    if text and (os.path.exists(text) or "/" in text or text.endswith(".safetensors")):
        return load(text)
    raise UnknownNameError("tree trace", text, [*names, f"{PREFIX}:heads=NAME", "the path of a file"])


def is_tree_trace(text: str) -> bool:
    """Whether a text names a tree trace rather than another kind.

    Raises
    ------
    AhasdError
        It names a file that cannot be read.
    """
    return names_no_file(text) or (os.path.isfile(text) and holds_tree(text))


def names_no_file(text: str) -> bool:
    """Whether a text names a tree trace that is synthetic or shipped."""
    return _is_synthetic(text) or text in shipped_trees()


def _is_synthetic(text: str) -> bool:
    return text == PREFIX or text.startswith(f"{PREFIX}:")
