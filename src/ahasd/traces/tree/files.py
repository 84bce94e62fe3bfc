"""Tree traces on disk."""

from pathlib import Path

from ahasd.traces.tensor_files import open_trace, read_tensors, write_tensors
from ahasd.traces.tree.checks import DTYPES, OPTIONAL
from ahasd.traces.tree.header import FORMAT_NAME, TreeHeader
from ahasd.traces.tree.trace import TreeTrace


def save(trace: TreeTrace, path: str | Path) -> None:
    """Write a trace; an existing file is replaced whole or not at all. The same trace gives the same bytes.

    Raises
    ------
    AhasdError
        If the file cannot be written.
    """
    write_tensors(Path(path), trace.tensors(), trace.header.to_metadata())


def load(path: str | Path) -> TreeTrace:
    """Read and check a trace.

    Raises
    ------
    AhasdError
        If the file cannot be read, is truncated or not a tree trace, is of another version, lacks a tensor, or breaks
        a rule of the format; the message names the file and the cause.
    """
    with open_trace(Path(path)) as file:
        header = TreeHeader.from_metadata(file.metadata() or {})
        return TreeTrace(header, **read_tensors(file, DTYPES, OPTIONAL))


def holds_tree(path: str | Path) -> bool:
    """Whether a file says that it is a tree trace.

    Raises
    ------
    AhasdError
        It cannot be read, or is no safetensors file.
    """
    with open_trace(Path(path)) as file:
        return (file.metadata() or {}).get("format") == FORMAT_NAME
