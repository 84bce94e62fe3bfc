"""The ways in which a product is cut into blocks: which operand stays, how many blocks, how chips share them.

A chip keeps one operand's block in its scratchpad while the other streams by (Gemmini, arXiv:1911.09925, and
Timeloop, doi 10.1109/ISPASS.2019.00042, search the same loop orders and factors). The numbers of blocks come from a
ladder that depends on the shape alone, and the buffers only say which of them fit. So a larger machine has every
choice of a smaller one, and the best of them is never slower.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil, floor

from ahasd.hardware.npu.blocked.chips import Chips
from ahasd.hardware.npu.blocked.product import Product


class Order(StrEnum):
    """Which operand stays on a chip."""

    INPUTS_STAY = "inputs stay"
    """A panel of rows over the whole inner product; weights stream by, once for each panel."""
    WEIGHTS_STAY = "weights stay"
    """A panel of columns over the whole inner product; inputs stream by, once for each panel."""
    SUMS_STAY = "sums stay"
    """A block of the result in the accumulators; both operands stream by along the inner product."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One way to run a product.

    Attributes
    ----------
    order
        What stays.
    chips_over_rows, chips_over_columns
        How chips share the rows and the columns of the result.
    row_blocks
        Pieces of a chip's rows that pass an array of weights one after the other.
    input_passes, operand_passes
        How often the inputs, and what they are multiplied by, are read from memory.
    first_rows, first_columns
        Of the first block of a chip.
    """

    order: Order
    chips_over_rows: int
    chips_over_columns: int
    row_blocks: int
    input_passes: int
    operand_passes: int
    first_rows: int
    first_columns: int


def schedules(chips: Chips, product: Product, over_rows: int, over_columns: int) -> Iterator[Schedule]:
    """All schedules that fit, for one way of sharing rows and columns between chips.

    Parameters
    ----------
    chips
        Their buffers.
    product
        What is cut.
    over_rows, over_columns
        Chips that share the rows, and the columns; each computes the blocks where its rows and columns meet.
    """
    rows = ceil(product.rows / over_rows)
    arrays = ceil(ceil(product.outputs / chips.array_columns) / over_columns)
    shared = (over_rows, over_columns)
    input_bytes, operand_bytes = product.input_bits / 8, product.operand_bits / 8
    room, sums, width = chips.operand_room, chips.sum_room, chips.array_columns
    in_one_go = floor(sums / width)
    array = chips.array_rows * width * operand_bytes
    column_panel = product.inputs * width * operand_bytes
    row = product.inputs * input_bytes
    for panels in ladder(rows):
        height = ceil(rows / panels)
        # Rows whose sums do not fit at once pass again, so a whole panel of columns waits for them.
        pieces = ceil(height / in_one_go)
        if height * row + (array if pieces == 1 else column_panel) <= room:
            yield Schedule(
                Order.INPUTS_STAY, *shared, panels * pieces, 1, panels, height, min(width, product.outputs)
            )
    for panels in ladder(arrays):
        columns = ceil(arrays / panels) * width
        rows_left = min(floor((room - columns * product.inputs * operand_bytes) / row), in_one_go)
        if rows_left >= 1:
            yield Schedule(
                Order.WEIGHTS_STAY,
                *shared,
                ceil(rows / rows_left),
                panels,
                1,
                min(rows, chips.array_rows),
                columns,
            )
        # Along the inner product in steps of the array's height.
        in_scratchpad = floor((room / chips.array_rows - columns * operand_bytes) / input_bytes)
        height = min(in_scratchpad, floor(sums / columns), rows)
        if height >= 1:
            blocks = ceil(rows / height)
            yield Schedule(Order.SUMS_STAY, *shared, blocks, panels, blocks, height, columns)


@lru_cache(maxsize=1024)
def ladder(size: int) -> tuple[int, ...]:
    """Numbers of blocks to try: all up to 8, then four to each doubling, and as many as there are elements."""
    found, step = [], 1
    count = 1
    while count < size:
        found.append(count)
        step = max(1, 2 ** (count.bit_length() - 3))
        count += step
    return (*found, size)


@lru_cache(maxsize=1024)
def useful_shares(arrays: int) -> tuple[int, ...]:
    """Numbers of chips that leave fewer arrays of weights to each than one chip less would, largest first."""
    return tuple(
        count
        for count in range(arrays, 0, -1)
        if count == 1 or ceil(arrays / count) < ceil(arrays / (count - 1))
    )
