"""Rollout traces on disk."""

from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.checks import DTYPES, OPTIONAL
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.tensor_files import open_trace, read_tensors, write_tensors

#: The format's range of draft steps per position: 16 leaves room for the longest draft lengths in use,
#: and 24 bounds the size of a file.
MIN_STEPS, MAX_STEPS = 16, 24


def save(trace: RolloutTrace, path: str | Path) -> None:
    """Write a trace; an existing file is replaced whole or not at all. The same trace gives the same bytes.

    Raises
    ------
    AhasdError
        If the trace has fewer than 16 or more than 24 steps, or the file cannot be written.
    """
    path = Path(path)
    try:
        _check_steps(trace.steps)
    except AhasdError as error:
        raise AhasdError(f"cannot write trace {path}: it {error}") from None
    write_tensors(path, trace.tensors(), trace.header.to_metadata())


def load(path: str | Path) -> RolloutTrace:
    """Read and check a trace.

    Raises
    ------
    AhasdError
        If the file cannot be read, is truncated or not a rollout trace, is of another version, lacks a
        tensor, or breaks a rule of the format; the message names the file and the cause.
    """
    with open_trace(Path(path)) as file:
        header = TraceHeader.from_metadata(file.metadata() or {})
        trace = RolloutTrace(header, **read_tensors(file, DTYPES, OPTIONAL))
        _check_steps(trace.steps)
        return trace


def _check_steps(steps: int) -> None:
    if not MIN_STEPS <= steps <= MAX_STEPS:
        raise AhasdError(
            f"has {steps} draft steps per position; a trace file holds {MIN_STEPS} to {MAX_STEPS} of them"
        )
