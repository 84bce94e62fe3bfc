"""Cycles of one product on one systolic array, operands at hand: folds, preload, fill and drain.

Source of the mechanism: the dataflows of SCALE-Sim (arXiv:1811.02883).
"""

from dataclasses import dataclass
from enum import StrEnum

from ahasd.errors import AhasdError, UnknownNameError


class Dataflow(StrEnum):
    """Which operand stays in the processing elements while the others stream past."""

    WEIGHT_STATIONARY = "ws"
    OUTPUT_STATIONARY = "os"
    INPUT_STATIONARY = "is"


@dataclass(frozen=True, slots=True)
class Folds:
    """How a product is laid over an array, one fold after the other.

    Parameters
    ----------
    over_rows, over_columns
        Folds along the two sides of the array.
    preload
        Cycles to shift the stationary operand into the array, before a fold streams.
    stream
        Vectors that stream through one fold.
    skew
        Cycles until the first result has crossed the array: rows − 1 down and columns − 1 across.
    """

    over_rows: int
    over_columns: int
    preload: int
    stream: int
    skew: int

    @property
    def count(self) -> int:
        """Number of folds."""
        return self.over_rows * self.over_columns

    @property
    def cycles_per_fold(self) -> int:
        """Cycles of a fold that shares nothing with its neighbours: preload, fill, stream, drain."""
        return self.preload + self.stream + self.skew


def ceil_divide(numerator: int, denominator: int) -> int:
    """Round the quotient of two positive integers up."""
    return -(-numerator // denominator)


def check_sizes(**sizes: int) -> None:
    """Refuse a size below one, naming it.

    Raises
    ------
    AhasdError
        If a size is not a positive integer.
    """
    for name, size in sizes.items():
        if size < 1:
            raise AhasdError(
                f"{name} is {size}: a product and an array need at least 1. Give a positive integer."
            )


def folds(
    dataflow: Dataflow | str,
    array_rows: int,
    array_columns: int,
    M: int,  # noqa: N803
    N: int,  # noqa: N803
    K: int,  # noqa: N803
) -> Folds:
    """Folds of an M×K by K×N product.

    Weight-stationary arrays hold a K×N piece of the weights and stream M rows; input-stationary ones hold a
    K×M piece of the inputs and stream N columns; output-stationary ones hold an M×N piece of the result and
    stream K, with nothing to preload (the result leaves on the way of the operands).

    Raises
    ------
    AhasdError
        If a size is below one.
    UnknownNameError
        If the dataflow is unknown.
    """
    check_sizes(array_rows=array_rows, array_columns=array_columns, M=M, N=N, K=K)
    try:
        flow = Dataflow(dataflow)
    except ValueError:
        raise UnknownNameError("dataflow", str(dataflow), [flow.value for flow in Dataflow]) from None
    skew = array_rows + array_columns - 2
    if flow is Dataflow.OUTPUT_STATIONARY:
        return Folds(ceil_divide(M, array_rows), ceil_divide(N, array_columns), 0, K, skew)
    across, stream = (N, M) if flow is Dataflow.WEIGHT_STATIONARY else (M, N)
    return Folds(ceil_divide(K, array_rows), ceil_divide(across, array_columns), array_rows, stream, skew)


def systolic_cycles(
    dataflow: Dataflow | str,
    array_rows: int,
    array_columns: int,
    M: int,  # noqa: N803
    N: int,  # noqa: N803
    K: int,  # noqa: N803
    overlap: bool = False,
) -> int:
    """Compute cycles of an M×K by K×N product, operands always ready.

    Parameters
    ----------
    dataflow
        "ws", "os" or "is".
    array_rows, array_columns
        Processing elements along the two sides of the array.
    M, N, K
        Rows of the input, columns of the weights, length of the inner product.
    overlap
        False: a fold starts when the one before has drained, as in SCALE-Sim 3.0.0, whose last cycle number
        (counted from zero) is the total minus one. True: the stationary operand is double-buffered in the
        array, so preload hides behind streaming, and fill behind drain; only the first preload and the last
        skew remain.

    Returns
    -------
    int
        Cycles.

    Raises
    ------
    AhasdError, UnknownNameError
        As :func:`folds`.
    """
    plan = folds(dataflow, array_rows, array_columns, M, N, K)
    if not overlap:
        return plan.count * plan.cycles_per_fold - 1
    return plan.preload + (plan.count - 1) * max(plan.stream, plan.preload) + plan.stream + plan.skew
