"""From what a user writes after ``--trace`` to a trace."""

import os

from ahasd.errors import UnknownNameError
from ahasd.traces.files import load
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.synthetic import PREFIX, parse_synthetic
from ahasd.traces.shipped import load_shipped, shipped_names
from ahasd.traces.tree.resolve import is_tree_trace, names_no_file, resolve_tree_trace
from ahasd.traces.tree.trace import TreeTrace

#: What a run of speculative decoding replays: chains of a draft, or guesses of heads.
DraftTrace = RolloutTrace | TreeTrace


def resolve_draft_trace(text: str) -> DraftTrace:
    """Return the rollout or the tree trace that a text names.

    Raises
    ------
    UnknownNameError
        If it is neither a shipped name nor an existing file; the message suggests the nearest name.
    AhasdError
        If the file or the synthetic trace is refused; the message says why.
    """
    return resolve_tree_trace(text) if is_tree_trace(text) else resolve_trace(text)


def resolve_trace(text: str) -> RolloutTrace:
    """Return the trace of a shipped name, of ``synthetic:key=value,…``, or of a file.

    Raises
    ------
    UnknownNameError
        If it is neither a shipped name nor an existing file; the message suggests the nearest name.
    AhasdError
        If the file or the synthetic trace is refused; the message says why.
    """
    if _is_synthetic(text):
        return parse_synthetic(text)
    names = shipped_names()
    if text in names:
        return load_shipped(text)
    if text and (os.path.exists(text) or _looks_like_path(text)):
        return load(text)
    raise UnknownNameError("trace", text, [*names, f"{PREFIX}:acceptance=A,auc=B", "the path of a file"])


def is_trace_file(text: str) -> bool:
    """Whether a text names a file of a user's, neither a shipped nor a synthetic trace."""
    return not (_is_synthetic(text) or text in shipped_names() or names_no_file(text))


def trace_label(text: str) -> str:
    """Return a short name of a trace for results: a file's name without its directory, all else as it is."""
    if _is_synthetic(text) or names_no_file(text) or not _looks_like_path(text):
        return text
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _is_synthetic(text: str) -> bool:
    return text == PREFIX or text.startswith(f"{PREFIX}:")


def _looks_like_path(text: str) -> bool:
    return "/" in text or "\\" in text or text.endswith(".safetensors")
