"""Products of one or a few rows with a large matrix, which is what decoding and verifying are."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from ahasd.decoding.backend import torch

#: Rows up to which the other order of the factors may be faster on a CPU in float32: a product of 2 to 4 rows first
#: packs the whole matrix, which takes as long as a second pass over it; with the rows as columns it is read once. On
#: some machines that holds for a single row too, on others not, so both ways are timed (docs/real-pair.md).
MOST_ROWS = 4

#: Entries of a matrix from which on that can be worth the two transpositions (ours).
LEAST_ENTRIES = 2**18

#: Products of a shape that each way is timed on, by turns, before the faster one is kept; the shortest time counts,
#: as other programs only add to it (ours). They are those of a model's layers, one behind the other, so no matrix is
#: near from the product before. The output layer has one product a pass, and is the largest: where a few products
#: show one way to be faster by a clear share, no more are spent on the other.
TRIED, FEW_TRIED, CLEAR = 15, 3, 0.1

_linear = torch.nn.functional.linear

Product = Callable[[], Any]


class TriedWays:
    """The two ways of a product of one shape: timed by turns at first, then the faster one.

    Life cycle: made when the shape first comes; ``run`` for every product.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._seconds: tuple[list[float], list[float]] = ([], [])
        #: Whether the rows are taken as columns; None as long as that is tried.
        self.turned: bool | None = None

    def run(self, plain: Product, turned: Product) -> Any:
        """Give the product, the same by either way but for rounding."""
        if self.turned is not None:
            return turned() if self.turned else plain()
        way = len(self._seconds[0]) > len(self._seconds[1])
        began = self._clock()
        found = turned() if way else plain()
        self._seconds[way].append(self._clock() - began)
        if way:
            self._decide()
        return found

    def _decide(self) -> None:
        """Keep the faster way, if both were tried often enough."""
        plain, turned = (min(each) for each in self._seconds)
        tried = len(self._seconds[1])
        if tried >= TRIED or (tried >= FEW_TRIED and min(plain, turned) < (1 - CLEAR) * max(plain, turned)):
            self.turned = turned < plain


#: By rows and shape of the matrix, in this process.
_WAYS: dict[tuple[int, int, int], TriedWays] = {}


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """Give x · weightᵀ + bias of rows (rows, in) and a matrix (out, in): but for rounding, what torch gives."""
    ways = _ways(x, weight)
    if ways is None:
        return _linear(x, weight, bias)
    return ways.run(lambda: _linear(x, weight, bias), lambda: _turned_linear(x, weight, bias))


def add_product(to: Any, x: Any, transposed: Any) -> Any:
    """Give to + x · transposed, (rows, out), of a matrix (in, out) that is a transposed view."""
    ways = _ways(x, transposed.t())
    if ways is None:
        return torch.addmm(to, x, transposed)
    return ways.run(
        lambda: torch.addmm(to, x, transposed),
        lambda: to + _columns(transposed.t(), x),
    )


def _turned_linear(x: Any, weight: Any, bias: Any) -> Any:
    product = _columns(weight, x).contiguous()
    return product if bias is None else product.add_(bias)


def _columns(weight: Any, x: Any) -> Any:
    """Give (weight · xᵀ)ᵀ; a single row goes twice, since torch has another way for vectors."""
    rows = x.shape[0]
    return torch.mm(weight, (x if rows > 1 else torch.cat([x, x])).t()).t()[:rows]


def _ways(x: Any, weight: Any) -> TriedWays | None:
    """Give the two ways of a product; None where torch's is taken.

    A matrix whose columns lie together (`ahasd.decoding.models.matrix_layout`) is read once by torch's way.
    """
    few = x.shape[0] <= MOST_ROWS and weight.numel() >= LEAST_ENTRIES and weight.is_contiguous()
    if not few or x.device.type != "cpu" or x.dtype != torch.float32:
        return None
    key = (int(x.shape[0]), int(weight.shape[0]), int(weight.shape[1]))
    if key not in _WAYS:
        _WAYS[key] = TriedWays()
    return _WAYS[key]
