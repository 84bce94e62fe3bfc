"""Which way of a product of a few rows with a matrix is the fastest on this machine."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from ahasd.decoding.backend import torch

Way = Callable[[Any, Any], Any]

#: Rows of a product from which on torch's own way, a blocked product of matrices, is taken as it is; fewer rows may
#: be filled up to so many, since on some machines a product of 16 rows is faster than one of 7 to 15. Ours, measured
#: in docs/speech.md.
PADDED_TO = 16

#: Numbers of rows that are tried; others go the way of the next larger one. Ours.
TRIED = (1, 2, 4, 6, 8, 12, 15)

#: Times that every way is tried; the shortest counts. Ours.
TIMES = 3

_linear = torch.nn.functional.linear


def _turned(x: Any, weight: Any) -> Any:
    """Take the rows as columns, so that the matrix is read once; a single row goes twice (see `few_rows`)."""
    rows = x.shape[0]
    return torch.mm(weight, (x if rows > 1 else torch.cat([x, x])).t()).t()[:rows]


def _padded(x: Any, weight: Any) -> Any:
    """Fill up with rows of zeros."""
    rows = x.shape[0]
    return _linear(torch.cat([x, x.new_zeros(PADDED_TO - rows, x.shape[1])]), weight)[:rows]


WAYS: dict[str, Way] = {"plain": _linear, "turned": _turned, "padded": _padded}


class RowProducts:
    """Products with matrices, each number of rows the way that was the fastest when this was made.

    The ways are tried at once, some tenths of a second for Whisper base, so that no method's times hold the trials.

    Parameters
    ----------
    samples
        Matrices (out, in) to try the ways on: together larger than what a processor keeps near, as the matrices of a
        whole pass are.
    """

    def __init__(self, samples: Sequence[Any]) -> None:
        self._samples = list(samples)
        self._chosen = {rows: min(WAYS, key=lambda name: self._seconds(name, rows)) for rows in TRIED}

    def linear(self, x: Any, weight: Any, bias: Any = None) -> Any:
        """Give x · weightᵀ + bias of rows (rows, in) and a matrix (out, in)."""
        if x.shape[0] >= PADDED_TO:
            return _linear(x, weight, bias)
        product = WAYS[self.way(x.shape[0])](x, weight)
        return product if bias is None else product + bias

    def way(self, rows: int) -> str:
        """Give the name of the way that so many rows go."""
        if rows >= PADDED_TO:
            return "plain"
        return self._chosen[TRIED[bisect_left(TRIED, rows)]]

    def _seconds(self, name: str, rows: int) -> float:
        way, found = WAYS[name], []
        row_sets = [sample.new_ones(rows, sample.shape[1]) for sample in self._samples]
        for _ in range(TIMES):
            start = perf_counter()
            for x, sample in zip(row_sets, self._samples, strict=True):
                way(x, sample)
            found.append(perf_counter() - start)
        return min(found)
