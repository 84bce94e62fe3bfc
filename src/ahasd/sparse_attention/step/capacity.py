"""Whether a model, its cache and a layer's parts fit into banks, rows and buffers."""

import numpy as np

from ahasd.errors import AhasdError
from ahasd.hardware.bonded.bonded_device import BondedDevice
from ahasd.sparse_attention.step.attention_step import Attention, AttentionStep
from ahasd.sparse_attention.step.model_shape import ModelShape
from ahasd.sparse_attention.step.movement import PARTIAL_BYTES

_GIB = 2**30


def check_rows(shape: ModelShape, device: BondedDevice, page: int) -> None:
    """See that pages and rows of a bank go into each other.

    Raises
    ------
    AhasdError
        A page's keys neither divide a row nor fill whole ones.
    """
    keys, row = page * shape.token_bytes // 2, device.banks.row_bytes
    if keys % row and row % keys:
        raise AhasdError(
            f"the keys of a page of {page} tokens take {keys} bytes, which neither divide a row of {row} "
            f"bytes nor fill "
            "whole ones: parts of two pages would share a row; give --page a power of two"
        )


def check_buffers(shape: ModelShape, device: BondedDevice) -> None:
    """See that a processing element holds the queries and the partial output of a head.

    Raises
    ------
    AhasdError
        It does not.
    """
    element = device.element
    needs = {
        "input": (shape.group * shape.activation_bytes, element.input_kib),
        "output": (shape.group * (shape.channels + 2) * PARTIAL_BYTES, element.output_kib),
    }
    for name, (needed, kib) in needs.items():
        if needed > kib * 1024:
            raise AhasdError(
                f"a head of {shape.name} has {shape.group} queries of {shape.channels} channels, {needed} bytes of "
                f"{name}, and the {name} buffer of {device.name} holds {kib:g} KiB; --set "
                f"element.{name}_kib={needed / 1024:g}"
            )


def bank_bytes(attention: Attention, device: BondedDevice, step: AttentionStep) -> np.ndarray:
    """B: bytes that each bank keeps: its share of the weights, keys and values, bounds of pages."""
    shape = attention.shape
    kept = sum((one.kept_tokens + one.kept_pages for one in step.loads), np.zeros(device.bank_count))
    return np.asarray(kept * shape.token_bytes + shape.weights_at_rest / device.bank_count)


def check_fits(
    attention: Attention, device: BondedDevice, step: AttentionStep, context: int, requests: int
) -> None:
    """See that the fullest bank holds what it must.

    Raises
    ------
    AhasdError
        It does not; the message has the arithmetic.
    """
    kept = bank_bytes(attention, device, step)
    if kept.max() <= device.bank_bytes:
        return
    weights = attention.shape.weights_at_rest
    raise AhasdError(
        f"{attention.shape.name} with {requests} x {context} tokens does not fit {device.name}: weights "
        f"{weights / _GIB:.1f} GiB and caches {(kept.sum() - weights) / _GIB:.1f} GiB, and the fullest of "
        f"{device.bank_count} banks would hold {kept.max() / 2**20:.0f} of its {device.bank_bytes / 2**20:.0f} MiB "
        f"({device.capacity_bytes / _GIB:.0f} GiB in all); take a shorter context, fewer texts, --kv-bits 8, "
        "--weight-bits 8, or a larger device (hb-h2llm-x8)"
    )
