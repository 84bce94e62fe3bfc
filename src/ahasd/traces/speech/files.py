"""Speech traces on disk."""

from pathlib import Path

from ahasd.traces.speech.checks import DTYPES, OPTIONAL
from ahasd.traces.speech.header import SpeechHeader
from ahasd.traces.speech.trace import SpeechTrace
from ahasd.traces.tensor_files import open_trace, read_tensors, write_tensors


def save(trace: SpeechTrace, path: str | Path) -> None:
    """Write a trace; an existing file is replaced whole or not at all. The same trace gives the same bytes.

    Raises
    ------
    AhasdError
        If the file cannot be written.
    """
    write_tensors(Path(path), trace.tensors(), trace.header.to_metadata())


def load(path: str | Path) -> SpeechTrace:
    """Read and check a trace.

    Raises
    ------
    AhasdError
        If the file cannot be read, is truncated or not a speech trace, is of another version, lacks a tensor, or
        breaks a rule of the format; the message names the file and the cause.
    """
    with open_trace(Path(path)) as file:
        header = SpeechHeader.from_metadata(file.metadata() or {})
        return SpeechTrace(header, **read_tensors(file, DTYPES, OPTIONAL))
