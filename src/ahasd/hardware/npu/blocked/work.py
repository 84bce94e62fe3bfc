"""What the schedules of a product ask of chips, in cycles and bytes: no clock and no bandwidth changes it."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from ahasd.hardware.npu.blocked.chips import Chips
from ahasd.hardware.npu.blocked.product import Product
from ahasd.hardware.npu.blocked.schedules import Order, Schedule, schedules

Numbers = NDArray[np.float64]

#: Products that are kept, some 5 KB each (ours).
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Work:
    """The schedules of one way of sharing rows and columns between chips; a number for each where it is an array.

    Attributes
    ----------
    compute
        Cycles for which the array of the busiest chip is taken, preloads included.
    traffic
        Bytes that cross the bus of the memory.
    steps
        Of the inner product, an array high each.
    first_bytes, last_bytes
        Before the array can begin, and of the last written block.
    first_cycles
        Of the array for the last of the loads.
    loaded, worked
        Bytes of a step of the first block, and cycles of the array's work on it; none where both are the same in
        every step.
    """

    schedules: tuple[Schedule, ...]
    compute: Numbers
    traffic: Numbers
    steps: int
    first_bytes: float
    last_bytes: float
    first_cycles: int
    loaded: Numbers
    worked: Numbers


@lru_cache(maxsize=KEPT)
def work_of(chips: Chips, product: Product, over_rows: int, over_columns: int) -> Work:
    """What a product asks under every schedule of one way of sharing it.

    Parameters
    ----------
    chips, product
        Of which the rates do not matter, so give them the same for all machines.
    """
    found = tuple(schedules(chips, product, over_rows, over_columns))
    deep = chips.array_rows
    steps = ceil(product.inputs / deep)
    rows = ceil(product.rows / over_rows)
    arrays = ceil(ceil(product.outputs / chips.array_columns) / over_columns)
    turns = ceil(product.count / chips.count) if product.dealt else product.count
    input_bytes, operand_bytes = product.input_bits / 8, product.operand_bits / 8
    depth, few = min(deep, product.inputs), min(rows, deep)
    last = product.output_bytes / (product.rows * product.outputs)
    first_blocks = [_first_block(chips, product, schedule) for schedule in found]
    return Work(
        found,
        # Each array of weights takes as many cycles to preload, behind the one before, as it is high.
        np.array(
            [float(turns * steps * arrays * max(rows, schedule.row_blocks * deep)) for schedule in found]
        ),
        np.array(
            [
                product.count
                * (
                    schedule.input_passes * product.input_bytes
                    + schedule.operand_passes * product.operand_bytes
                    + product.output_bytes
                )
                for schedule in found
            ],
            np.float64,
        ),
        steps,
        depth * (few * input_bytes + min(chips.array_columns, product.outputs) * operand_bytes),
        last * (few * min(chips.array_columns, product.outputs)),
        max(few, deep),
        np.array([loaded for loaded, _ in first_blocks]),
        np.array([worked for _, worked in first_blocks]),
    )


def _first_block(chips: Chips, product: Product, schedule: Schedule) -> tuple[float, float]:
    """Bytes that a step of the first block loads, and cycles that the array works on it."""
    if schedule.order is Order.SUMS_STAY:
        return 0.0, 0.0
    deep, rows, columns = chips.array_rows, schedule.first_rows, schedule.first_columns
    loaded: float = min(rows * schedule.chips_over_rows, product.rows) * product.input_bits
    loaded += min(columns * schedule.chips_over_columns, product.outputs) * product.operand_bits
    blocks = schedule.row_blocks // schedule.operand_passes if schedule.order is Order.INPUTS_STAY else 1
    works = ceil(columns / chips.array_columns) * max(rows, blocks * deep)
    return min(deep, product.inputs) * loaded / 8, float(works)
