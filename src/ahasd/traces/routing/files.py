"""Routing traces on disk."""

from pathlib import Path

from ahasd.traces.routing.checks import DTYPES, OPTIONAL
from ahasd.traces.routing.header import FORMAT_NAME, RoutingHeader
from ahasd.traces.routing.trace import RoutingTrace
from ahasd.traces.tensor_files import open_trace, read_tensors, write_tensors


def save(trace: RoutingTrace, path: str | Path) -> None:
    """Write a trace; an existing file is replaced whole or not at all. The same trace gives the same bytes.

    Raises
    ------
    AhasdError
        If the file cannot be written.
    """
    write_tensors(Path(path), trace.tensors(), trace.header.to_metadata())


def load(path: str | Path) -> RoutingTrace:
    """Read and check a trace.

    Raises
    ------
    AhasdError
        If the file cannot be read, is truncated or not a routing trace, is of another version, lacks a
        tensor, or breaks a rule of the format; the message names the file and the cause.
    """
    with open_trace(Path(path)) as file:
        header = RoutingHeader.from_metadata(file.metadata() or {})
        return RoutingTrace(header, **read_tensors(file, DTYPES, OPTIONAL))


def holds_routing(path: str | Path) -> bool:
    """Whether a file says that it is a routing trace.

    Raises
    ------
    AhasdError
        It cannot be read, or is no safetensors file.
    """
    with open_trace(Path(path)) as file:
        return (file.metadata() or {}).get("format") == FORMAT_NAME
