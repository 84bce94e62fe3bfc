"""Files ``model.bin`` of CTranslate2: named arrays, of format version 2 to 6.

A file holds, all numbers little endian: u32 format version; the name of the specification and its u32 revision; u32
number of variables; each variable by name, u8 rank, u32 per dimension, u8 type, u32 bytes, data; u32 number of
aliases, each the name of an alias and of its variable. A name is u16 bytes and those bytes, the last of them 0
(CTranslate2, ``python/ctranslate2/specs/model_spec.py``).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

#: Versions whose layout is this one.
OLDEST, NEWEST = 2, 6

#: Type numbers of variables; 5 is bfloat16, which numpy lacks.
_TYPES: dict[int, npt.DTypeLike] = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2", 5: "<u2"}
_BFLOAT16 = 5

#: Ranks of an array at most, and bytes of a name (ours, against files that are none).
_MOST_RANK, _MOST_NAME = 8, 512


@dataclass(frozen=True, slots=True)
class Ct2File:
    """What a file holds.

    Parameters
    ----------
    specification
        The kind of model, such as "WhisperSpec".
    variables
        Arrays by name; floating ones are float32 or float16, bfloat16 already widened.
    """

    specification: str
    variables: Mapping[str, npt.NDArray[Any]]

    def weight(self, name: str) -> npt.NDArray[np.float32]:
        """Give an array as float32; one in int8 is divided by its scale per row.

        Raises
        ------
        AhasdError
            It is not in the file, or of integers without a scale.
        """
        if name not in self.variables:
            raise AhasdError(f"lacks the variable {name}")
        array = self.variables[name]
        if array.dtype.kind == "f":
            return array.astype(np.float32)
        scale = self.variables.get(f"{name}_scale")
        if array.dtype != np.int8 or scale is None or scale.shape != array.shape[:1]:
            raise AhasdError(
                f"the variable {name} is {array.dtype} and has no scale per row; convert the model again with "
                "quantization float16, float32 or int8"
            )
        return np.asarray(array / scale[:, None], np.float32)


def read_ct2(path: Path) -> Ct2File:
    """Read a whole file.

    Raises
    ------
    AhasdError
        It cannot be read, is truncated, of another format or version; the message begins with the path.
    """
    try:
        return parse_ct2(path.read_bytes())
    except OSError as error:
        raise AhasdError(f"model {path}: cannot be read ({error.strerror or error})") from error
    except AhasdError as error:
        raise AhasdError(f"model {path}: {error}") from error


def parse_ct2(data: bytes) -> Ct2File:
    """Read the bytes of a file.

    Raises
    ------
    AhasdError
        They are truncated, or of another format or version.
    """
    cursor = _Cursor(data)
    version = cursor.number("I")
    if not OLDEST <= version <= NEWEST:
        raise AhasdError(
            f"not a model of CTranslate2 that can be read: its first number, the format version, is {version}; "
            f"must be {OLDEST} to {NEWEST}"
        )
    specification = cursor.name()
    cursor.number("I")  # the revision of the specification
    variables = dict(_variable(cursor) for _ in range(cursor.number("I")))
    for _ in range(cursor.number("I")):
        alias, of = cursor.name(), cursor.name()
        if of not in variables:
            raise AhasdError(f"the alias {alias} is of {of}, which is not there")
        variables[alias] = variables[of]
    if not cursor.at_end:
        raise AhasdError("goes on behind its last alias; not a whole model of CTranslate2")
    return Ct2File(specification, variables)


def _variable(cursor: "_Cursor") -> tuple[str, npt.NDArray[Any]]:
    name, rank = cursor.name(), cursor.number("B")
    if rank > _MOST_RANK:
        raise AhasdError(f"the variable {name} has {rank} dimensions; not a whole model of CTranslate2")
    shape = tuple(cursor.number("I") for _ in range(rank))
    kind = cursor.number("B")
    if kind not in _TYPES:
        raise AhasdError(f"the variable {name} is of type {kind}; known are 0 to {max(_TYPES)}")
    data = cursor.take(cursor.number("I"))
    dtype = np.dtype(_TYPES[kind])
    if len(data) != dtype.itemsize * int(np.prod(shape, dtype=np.int64)):
        raise AhasdError(f"the variable {name} of shape {shape} has {len(data)} bytes")
    array = np.frombuffer(data, dtype).reshape(shape)
    if kind == _BFLOAT16:
        array = (array.astype("<u4") << 16).view("<f4")
    return name, array


class _Cursor:
    """Reads on and on, and says so where there is nothing left to read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise AhasdError(f"truncated: it ends after {len(self._data)} bytes; get it again")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, kind: str) -> int:
        return int(struct.unpack(f"<{kind}", self.take(struct.calcsize(f"<{kind}")))[0])

    def name(self) -> str:
        text = self.take(self.number("H"))
        if not 1 < len(text) <= _MOST_NAME or text[-1] != 0:
            raise AhasdError("a name in it is none; not a whole model of CTranslate2")
        try:
            return text[:-1].decode()
        except UnicodeDecodeError as error:
            raise AhasdError("a name in it is none; not a whole model of CTranslate2") from error
