"""Products of a few rows with a large matrix, which is what a verification is."""

from typing import Any

from ahasd.decoding.backend import torch

#: Rows up to which the other order of the factors is faster on a CPU in float32. A product of 2 to 4 rows first packs
#: the whole matrix, which takes as long as a second pass over it; with the rows as columns it is read once. Measured
#: with SmolLM2-135M (docs/real-pair.md): a pass over 4 tokens takes 1.0 to 1.1 of one over 1, instead of 1.6 to 2.
MOST_ROWS = 4

#: Entries of a matrix from which on that is worth the two transpositions (ours).
LEAST_ENTRIES = 2**18

_linear = torch.nn.functional.linear


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """Give x · weightᵀ + bias of rows (rows, in) and a matrix (out, in): but for rounding, what torch gives."""
    if not _turned(x, weight):
        return _linear(x, weight, bias)
    product = torch.mm(weight, x.t()).t().contiguous()
    return product if bias is None else product.add_(bias)


def add_product(to: Any, x: Any, transposed: Any) -> Any:
    """Give to + x · transposed, (rows, out), of a matrix (in, out) that is a transposed view."""
    if not _turned(x, transposed):
        return torch.addmm(to, x, transposed)
    return to + torch.mm(transposed.t(), x.t()).t()


def _turned(x: Any, weight: Any) -> bool:
    few = bool(1 < x.shape[0] <= MOST_ROWS and weight.numel() >= LEAST_ENTRIES)
    return few and x.device.type == "cpu" and x.dtype == torch.float32
