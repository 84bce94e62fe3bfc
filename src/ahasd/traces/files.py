"""Rollout traces on disk: safetensors files, written written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

import safetensors.numpy
from safetensors import SafetensorError, safe_open

from ahasd.errors import AhasdError
from ahasd.traces.header import TraceHeader
from ahasd.traces.rollout.checks import DTYPES, OPTIONAL
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.whole_files import write_whole

#: The format's range of draft steps per position: 16 leaves room for the longest draft lengths in use,
#: and 24 bounds the size of a file.
MIN_STEPS, MAX_STEPS = 16, 24

#: A trace of a million positions takes some 110 MB (ours).
MOST_BYTES = 2**28

_SAFETENSORS_DTYPE = {"float16": "F16", "uint8": "U8", "int32": "I32"}


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
    data = _in_order(safetensors.numpy.save(dict(trace.tensors()), metadata=trace.header.to_metadata()))
    try:
        write_whole(path.parent, {path.name: data})
    except OSError as error:
        raise AhasdError(f"cannot write trace {path}: {error.strerror or error}") from error


def _in_order(data: bytes) -> bytes:
    """Sort the metadata, which safetensors writes in any order.

    A file begins with the length of its header, 8 bytes, little endian; the header is JSON, padded by spaces.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[start:]


def load(path: str | Path) -> RolloutTrace:
    """Read and check a trace.

    Raises
    ------
    AhasdError
        If the file cannot be read, is truncated or not a rollout trace, is of another version, lacks a
        tensor, or breaks a rule of the format; the message names the file and the cause.
    """
    path = Path(path)
    try:
        if not os.path.isfile(path):
            raise AhasdError(
                "is a folder"
                if os.path.isdir(path)
                else "not an ordinary file"
                if os.path.exists(path)
                else "no such file"
            )
        if path.stat().st_size > MOST_BYTES:
            raise AhasdError(f"larger than the {MOST_BYTES // 2**20} MiB that are read of a trace")
        with safe_open(path, framework="numpy") as file:
            return _read(file)
    except SafetensorError as error:
        raise AhasdError(f"trace {path}: truncated, or not a safetensors file ({error})") from error
    except OSError as error:
        raise AhasdError(f"trace {path}: cannot be read ({error.strerror or error})") from error
    except AhasdError as error:
        raise AhasdError(f"trace {path}: {error}") from error


def _read(file: Any) -> RolloutTrace:
    header = TraceHeader.from_metadata(file.metadata() or {})
    names = set(file.keys())
    if missing := DTYPES.keys() - OPTIONAL - names:
        raise AhasdError(f"lacks the tensor {', '.join(sorted(missing))}")
    if unknown := names - DTYPES.keys():
        raise AhasdError(f"holds the unknown tensor {', '.join(sorted(unknown))}")
    for name in sorted(names):
        expected, found = _SAFETENSORS_DTYPE[DTYPES[name].name], file.get_slice(name).get_dtype()
        if found != expected:
            raise AhasdError(f"{name} has dtype {found}; must be {expected}")
    trace = RolloutTrace(header, **{name: file.get_tensor(name) for name in names})
    _check_steps(trace.steps)
    return trace


def _check_steps(steps: int) -> None:
    if not MIN_STEPS <= steps <= MAX_STEPS:
        raise AhasdError(
            f"has {steps} draft steps per position; a trace file holds {MIN_STEPS} to {MAX_STEPS} of them"
        )
