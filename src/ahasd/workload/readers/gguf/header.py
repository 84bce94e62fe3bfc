"""The header of a GGUF file: keys with their values, and name, shape, type and place of every tensor.

The layout is that of the GGUF specification (`docs/gguf.md` of ggml), versions 2 and 3, in either order of bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from ahasd.workload.ggml_formats import GGML_TYPES
from ahasd.workload.number_format import NumberFormat
from ahasd.workload.readers.gguf.bounded_file import BoundedFile
from ahasd.workload.readers.gguf.values import Value, read_name, read_value

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
#: Axes of a tensor at most (`GGML_MAX_DIMS`).
_MOST_AXES = 4
#: Bytes that a key and a tensor take at least: a length, a kind and a value; a length, axes, type and place.
_LEAST_KEY, _LEAST_TENSOR = 13, 24
#: Keys and tensors that are read at most; the largest models have some hundred and some two thousand (ours).
_MOST_KEYS, _MOST_TENSORS = 1 << 16, 1 << 20
#: Where tensors begin if a file does not say otherwise, and at most.
_ALIGNMENT, _MOST_ALIGNMENT = 32, 1 << 20


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of a file.

    Attributes
    ----------
    name, shape
        As the file has them: the innermost axis first.
    kept
        Format of its elements.
    """

    name: str
    shape: tuple[int, ...]
    kept: NumberFormat

    @property
    def elements(self) -> int:
        """Elements."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """Bytes of all elements, scales included."""
        return self.kept.bytes_of(self.elements)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says before its weights.

    Attributes
    ----------
    path
        The file.
    values
        By key; what is long and not wanted is left out.
    tensors
        In order.
    """

    path: str
    values: Mapping[str, Value]
    tensors: tuple[Tensor, ...]


def read_header(path: str) -> Header:
    """Read the header of a file.

    Raises
    ------
    AhasdError
        It is no GGUF file, of another version, broken, or ends before the tensors that it lists.
    """
    with BoundedFile(path) as file:
        _begin(file)
        tensors, keys = file.count("Q", "the number of tensors"), file.count("Q", "the number of keys")
        _check_count(file, "tensors", tensors, _LEAST_TENSOR, _MOST_TENSORS)
        _check_count(file, "keys", keys, _LEAST_KEY, _MOST_KEYS)
        values: dict[str, Value] = {}
        names: set[str] = set()
        for number in range(keys):
            key = read_name(file, f"the name of key {number + 1}")
            if key in names:
                raise file.wrong(f"it has the key '{key}' twice")
            names.add(key)
            value = read_value(file, key)
            if value is not None:
                values[key] = value
        found: dict[str, Tensor] = {}
        end = 0
        for number in range(tensors):
            tensor, place = _tensor(file, number)
            if tensor.name in found:
                raise file.wrong(f"it lists the tensor {tensor.name} twice")
            found[tensor.name] = tensor
            end = max(end, place + tensor.bytes)
        alignment = values.get("general.alignment", _ALIGNMENT)
        if (
            not isinstance(alignment, int)
            or not 0 < alignment <= _MOST_ALIGNMENT
            or alignment & (alignment - 1)
        ):
            raise file.wrong(
                f"general.alignment is {alignment!r}, which is no power of two up to {_MOST_ALIGNMENT:,}"
            )
        needed = -(-file.place // alignment) * alignment + end
        if found and needed > file.size:
            raise file.wrong(
                f"its tensors end at byte {needed:,}, and the file at {file.size:,}: {needed - file.size:,} bytes "
                "are missing, so its download is incomplete"
            )
        return Header(path, values, tuple(found.values()))


def _begin(file: BoundedFile) -> None:
    """Check magic and version, and find the order of bytes."""
    if file.left < len(_MAGIC) or (magic := file.take(len(_MAGIC), "its first bytes")) != _MAGIC:
        what = f"begins with {magic!r}" if file.place else "is too short"
        raise file.wrong(f"it is no GGUF file: it {what}, not with {_MAGIC!r}")
    version = file.count("I", "its version")
    if version and not version & 0xFFFF:
        # The number of a version fits into its low half, so the high half comes first.
        version, file.order = int.from_bytes(version.to_bytes(4, "little"), "big"), ">"
    if version == 1:
        raise file.wrong("it is GGUF version 1, of August 2023, which is not read: convert the model anew")
    if version not in _VERSIONS:
        raise file.wrong(f"it is GGUF version {version:,}; read are versions 2 and 3")


def _check_count(file: BoundedFile, what: str, count: int, least: int, most: int) -> None:
    if count * least > file.left:
        raise file.wrong(
            f"it claims {count:,} {what}, for which a file of {file.size:,} bytes has no room: it is broken, or its "
            "download is incomplete"
        )
    if count > most:
        raise file.wrong(f"it claims {count:,} {what}; at most {most:,} are read")


def _tensor(file: BoundedFile, number: int) -> tuple[Tensor, int]:
    """Read what the header says of a tensor, and where its elements lie behind the header."""
    name = read_name(file, f"the name of tensor {number + 1}")
    axes = file.count("I", f"the axes of {name}")
    if not 1 <= axes <= _MOST_AXES:
        raise file.wrong(f"tensor {name} would have {axes:,} axes; they have 1 to {_MOST_AXES}")
    shape = tuple(file.count("Q", f"the shape of {name}") for _ in range(axes))
    kind, place = file.count("I", f"the type of {name}"), file.count("Q", f"the place of {name}")
    if kind not in GGML_TYPES:
        known = ", ".join(f"{number} {kept.name}" for number, kept in GGML_TYPES.items())
        raise file.wrong(f"tensor {name} is of type {kind}, which is not known; known are {known}")
    kept = GGML_TYPES[kind]
    if not all(shape) or shape[0] % kept.block:
        raise file.wrong(
            f"tensor {name} of shape {list(shape)} is no whole number of blocks of {kept.block} ({kept.name})"
        )
    return Tensor(name, shape, kept), place
