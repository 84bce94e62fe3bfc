"""Products of one or a few rows with a large matrix, which is what decoding and verifying are."""

from typing import Any

from ahasd.decoding.backend import torch

#: Rows up to which the other order of the factors is faster on a CPU in float32: a product of 2 to 4 rows first packs
#: the whole matrix, which takes as long as a second pass over it; with the rows as columns it is read once, and
#: faster than a product with a single vector reads it. Measured in docs/real-pair.md.
MOST_ROWS = 4

#: Entries of a matrix from which on that is worth the two transpositions (ours).
LEAST_ENTRIES = 2**18

_linear = torch.nn.functional.linear


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """Give x · weightᵀ + bias of rows (rows, in) and a matrix (out, in): but for rounding, what torch gives."""
    if not _turned(x, weight):
        return _linear(x, weight, bias)
    product = _columns(weight, x).contiguous()
    return product if bias is None else product.add_(bias)


def add_product(to: Any, x: Any, transposed: Any) -> Any:
    """Give to + x · transposed, (rows, out), of a matrix (in, out) that is a transposed view."""
    if not _turned(x, transposed):
        return torch.addmm(to, x, transposed)
    return to + _columns(transposed.t(), x)


def _columns(weight: Any, x: Any) -> Any:
    """Give (weight · xᵀ)ᵀ; a single row goes twice, since torch has a slower way for vectors."""
    rows = x.shape[0]
    return torch.mm(weight, (x if rows > 1 else torch.cat([x, x])).t()).t()[:rows]


def _turned(x: Any, weight: Any) -> bool:
    few = bool(x.shape[0] <= MOST_ROWS and weight.numel() >= LEAST_ENTRIES)
    return few and x.device.type == "cpu" and x.dtype == torch.float32
