"""A trace's hash: of its header and its tensors, the same wherever and however it is stored."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt


def hash_of(header: Mapping[str, Any], tensors: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the SHA-256 of a trace, in hexadecimal digits."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, tensor in tensors.items():
        little = tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name} {tensor.dtype.name} {tensor.shape}".encode())
        digest.update(little.tobytes())
    return digest.hexdigest()
