"""A model in one GGUF file, or in several that lie beside each other."""

import os
import re
from dataclasses import replace

from ahasd.errors import AhasdError
from ahasd.workload.readers.gguf.header import Header, read_header

#: How parts are named (`llama-gguf-split`): model-00001-of-00003.gguf.
_PART = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.IGNORECASE)
#: Parts at most; five digits could name more, and no model has a tenth of them (ours).
_MOST_PARTS = 1000


def model_name(path: str) -> str:
    """Name of the model in a file, or in all parts to which it belongs."""
    name = os.path.basename(path)
    part = _PART.match(name)
    return part["stem"] if part else os.path.splitext(name)[0]


def read_parts(path: str) -> Header:
    """Read the header of a file, with the tensors of all parts if it is one of several.

    Raises
    ------
    AhasdError
        A part is missing, is another model's or broken.
    """
    header = read_header(path)
    part = _PART.match(os.path.basename(path))
    stated = header.values.get("split.count", 0)
    count = int(stated) if isinstance(stated, int) and stated else int(part["count"]) if part else 1
    if count <= 1:
        return header
    if part is None or int(part["count"]) != count:
        raise AhasdError(
            f"{path}: it is one of {count} parts of a model, which are found by names that end in "
            f"-00001-of-{count:05}.gguf: give it its own name back"
        )
    if count > _MOST_PARTS:
        raise AhasdError(f"{path}: it would be one of {count:,} parts; at most {_MOST_PARTS:,} are read")
    return _joined(path, part["stem"], count)


def _joined(path: str, stem: str, count: int) -> Header:
    folder = os.path.dirname(path)
    names = [f"{stem}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    missing = [name for name in names if not os.path.exists(os.path.join(folder, name))]
    if missing:
        shown = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        raise AhasdError(
            f"{path}: {len(missing)} of the {count} parts of this model are missing beside it: {shown}"
        )
    headers = [read_header(os.path.join(folder, name)) for name in names]
    for number, header in enumerate(headers):
        if header.values.get("split.no", number) != number:
            raise AhasdError(
                f"{header.path}: by its header it is part {header.values['split.no']} (from 0), "
                f"by its name part {number}"
            )
    tensors = tuple(tensor for header in headers for tensor in header.tensors)
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise AhasdError(f"{path}: two parts of this model hold the same tensor: they are not of one model")
    stated = headers[0].values.get("split.tensors.count", len(tensors))
    if stated != len(tensors):
        raise AhasdError(
            f"{path}: the parts of this model hold {len(tensors):,} tensors, and {stated:,} are promised"
        )
    return replace(headers[0], tensors=tensors)
