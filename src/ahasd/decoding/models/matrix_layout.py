"""How the matrices of a model lie in memory: rows together, as files have them, or columns together."""

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.models.few_rows import LEAST_ENTRIES

#: Rows that a layout is judged by: a token alone, and with the one or two drafts that most passes verify (ours).
ROWS = (1, 2, 3)

#: Bytes of matrices that are timed one behind the other, so that none is near from the time before (ours).
SAMPLE_BYTES = 64e6

#: Times that each product is timed; the shortest counts (ours).
TIMES = 5

#: What columns together must save of the time of all `ROWS`, since matrices have to be copied (ours).
LEAST_SAVED = 0.05

Clock = Callable[[], float]


def lay_out(matrices: Sequence[Any], clock: Clock = perf_counter) -> bool:
    """Let matrices of one shape lie the way in which few rows are multiplied with them the fastest on this machine.

    Their values and shapes stay; only float32 on a CPU is timed, and what is small stays as it is.

    Parameters
    ----------
    matrices
        Parameters (out, in) of one shape, rows together.
    clock
        Gives seconds.

    Returns
    -------
    bool
        Whether columns lie together now.
    """
    first = matrices[0]
    if first.device.type != "cpu" or first.dtype != torch.float32 or first.numel() < LEAST_ENTRIES:
        return False
    sample = [matrix.detach() for matrix in matrices[: max(1, int(SAMPLE_BYTES // first.nbytes))]]
    turned = [_columns_together(matrix) for matrix in sample]
    with torch.inference_mode():
        saved = _seconds(turned, clock) < (1 - LEAST_SAVED) * _seconds(sample, clock)
    if saved:
        for matrix in matrices:
            matrix.data = _columns_together(matrix.detach())
    return saved


def _columns_together(matrix: Any) -> Any:
    return matrix.t().contiguous().t()


def _seconds(sample: Sequence[Any], clock: Clock) -> float:
    """Time the products of `ROWS` with all matrices, each number of rows by its faster way."""
    total = 0.0
    for rows in ROWS:
        x = torch.ones(rows, sample[0].shape[1])
        ways = [partial(torch.nn.functional.linear, x)]
        if sample[0].is_contiguous() and rows > 1:
            ways.append(partial(torch.matmul, other=x.t()))
        total += min(_shortest(way, sample, clock) for way in ways)
    return total


def _shortest(way: Callable[[Any], Any], sample: Sequence[Any], clock: Clock) -> float:
    seconds = []
    for _ in range(TIMES):
        began = clock()
        for matrix in sample:
            way(matrix)
        seconds.append(clock() - began)
    return min(seconds)


def lay_out_layers(model: Any) -> None:
    """Lay out the matrices in front of the attention and the perceptron of a model of transformers, by shape."""
    by_shape: dict[tuple[int, ...], list[Any]] = {}
    for layer in model.model.layers:
        attention, perceptron = layer.self_attn, layer.mlp
        for module in (
            attention.q_proj,
            attention.k_proj,
            attention.v_proj,
            perceptron.gate_proj,
            perceptron.up_proj,
        ):
            by_shape.setdefault(tuple(module.weight.shape), []).append(module.weight)
    for matrices in by_shape.values():
        lay_out(matrices)
