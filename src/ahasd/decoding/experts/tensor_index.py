"""Where the tensors of a folder of safetensors files lie, read from the headers alone."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"

#: Bytes of a number, by the type's name in a file.
SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}

#: A header of a hundred thousand tensors takes some 12 MB (ours).
MOST_HEADER_BYTES = 2**27


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor in a file.

    Parameters
    ----------
    path
        The file.
    dtype
        As safetensors calls it ("F16").
    shape
        Its own.
    start, stop
        Its bytes, counted from the start of the file.
    """

    path: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def stored_tensors(folder: Path) -> dict[str, StoredTensor]:
    """Find every tensor of a model's folder, by name.

    Raises
    ------
    AhasdError
        There are no safetensors files, one is missing, or one is damaged or cut off.
    """
    found: dict[str, StoredTensor] = {}
    for path in _files(folder):
        found |= _tensors_of(path)
    return found


def _files(folder: Path) -> list[Path]:
    if (folder / INDEX).is_file():
        document = parse_json(read_text(folder / INDEX, f"model {folder}: {INDEX} of", DATA_BYTES), INDEX)
        names = document.get("weight_map") if isinstance(document, dict) else None
        if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
            raise AhasdError(f"model {folder}: {INDEX} does not say which file holds which weight")
        files = [folder / name for name in sorted(set(names.values()))]
        if any(path.parent != folder for path in files):
            raise AhasdError(f"model {folder}: {INDEX} names files outside the folder")
    else:
        files = [folder / SINGLE]
    for path in files:
        if not path.is_file():
            raise AhasdError(
                f"model {folder}: {path.name} is missing; experts are read out of safetensors files, so get the "
                "model in that format (save_pretrained writes it)"
            )
    return files


def _tensors_of(path: Path) -> dict[str, StoredTensor]:
    """Read the header: its length in 8 bytes, little endian, then JSON; then the tensors, without gaps."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MOST_HEADER_BYTES, size - 8):
                raise AhasdError(f"{path}: cut off, or not a safetensors file; get it again")
            header = json.loads(file.read(length))
        data = 8 + length
        tensors = {
            name: StoredTensor(
                path,
                str(entry["dtype"]),
                tuple(int(side) for side in entry["shape"]),
                data + int(entry["data_offsets"][0]),
                data + int(entry["data_offsets"][1]),
            )
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except OSError as error:
        raise AhasdError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise AhasdError(f"{path}: its header makes no sense ({error}); get the file again") from error
    for name, tensor in tensors.items():
        if not data <= tensor.start <= tensor.stop or (
            tensor.dtype in SIZES
            and tensor.stop - tensor.start != math.prod(tensor.shape) * SIZES[tensor.dtype]
        ):
            raise AhasdError(f"{path}: its header gives {name} an impossible place; get the file again")
        if tensor.stop > size:
            raise AhasdError(
                f"{path}: has {size} bytes, and {name} ends at {tensor.stop}; the file is cut off: get it again"
            )
    return tensors
