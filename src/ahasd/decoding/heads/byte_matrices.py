"""Matrices in a byte per weight: every row has a scale of its own."""

from collections.abc import Mapping
from typing import Any

from ahasd.decoding.backend import torch

#: What the scales of a matrix are called, behind its own name.
SCALES = ".scales"

#: Largest magnitude of a weight in a byte.
_LARGEST = 127


def to_bytes(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Put every matrix into bytes with scales (rows,); other tensors go into half precision, whole numbers as is."""
    stored: dict[str, Any] = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach()
        if tensor.ndim != 2 or not tensor.is_floating_point():
            stored[name] = tensor.half() if tensor.is_floating_point() else tensor
            continue
        scales = tensor.abs().amax(1).clamp_min(1e-12) / _LARGEST
        stored[name] = (tensor / scales[:, None]).round().to(torch.int8)
        stored[name + SCALES] = scales
    return {name: tensor.contiguous() for name, tensor in stored.items()}


def from_bytes(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give the tensors back in single precision."""
    tensors: dict[str, Any] = {}
    for name, tensor in stored.items():
        if name.endswith(SCALES):
            continue
        if tensor.dtype == torch.int8:
            tensor = tensor.float() * stored[name + SCALES][:, None]
        tensors[name] = tensor.float() if tensor.is_floating_point() else tensor
    return tensors
