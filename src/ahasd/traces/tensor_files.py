"""Safetensors files of traces, of whatever kind: written whole or not at all, refused by name and cause."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from ahasd.errors import AhasdError
from ahasd.whole_files import write_whole

#: A rollout trace of a million positions takes some 110 MB (ours).
MOST_BYTES = 2**28

_SAFETENSORS_DTYPE = {"float16": "F16", "uint8": "U8", "int16": "I16", "int32": "I32"}


def write_tensors(path: Path, tensors: Mapping[str, npt.NDArray[Any]], metadata: dict[str, str]) -> None:
    """Write a trace; an existing file is replaced whole or not at all. The same trace gives the same bytes.

    Raises
    ------
    AhasdError
        If the file cannot be written.
    """
    data = _in_order(safetensors.numpy.save(dict(tensors), metadata=metadata))
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


@contextmanager
def open_trace(path: Path) -> Iterator[Any]:
    """Open a trace to be read; whatever is wrong with it while it is open names the file.

    Raises
    ------
    AhasdError
        It cannot be read, is no safetensors file, is too large, or what reads it refuses it.
    """
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
            yield file
    except SafetensorError as error:
        raise AhasdError(f"trace {path}: truncated, or not a safetensors file ({error})") from error
    except OSError as error:
        raise AhasdError(f"trace {path}: cannot be read ({error.strerror or error})") from error
    except AhasdError as error:
        raise AhasdError(f"trace {path}: {error}") from error


def read_tensors(
    file: Any, dtypes: Mapping[str, np.dtype[np.generic]], optional: frozenset[str]
) -> dict[str, npt.NDArray[Any]]:
    """Read the tensors of an open trace.

    Raises
    ------
    AhasdError
        One is missing, unknown or of another type.
    """
    names = set(file.keys())
    if missing := dtypes.keys() - optional - names:
        raise AhasdError(f"lacks the tensor {', '.join(sorted(missing))}")
    if unknown := names - dtypes.keys():
        raise AhasdError(f"holds the unknown tensor {', '.join(sorted(unknown))}")
    for name in sorted(names):
        expected, found = _SAFETENSORS_DTYPE[dtypes[name].name], file.get_slice(name).get_dtype()
        if found != expected:
            raise AhasdError(f"{name} has dtype {found}; must be {expected}")
    return {name: file.get_tensor(name) for name in names}
