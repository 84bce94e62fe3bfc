"""Time and traffic of a product under the best of its schedules."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

import numpy as np

from ahasd.hardware.npu.blocked.chips import Chips
from ahasd.hardware.npu.blocked.product import Product
from ahasd.hardware.npu.blocked.schedules import Schedule, useful_shares
from ahasd.hardware.npu.blocked.work import Work, work_of


@dataclass(frozen=True, slots=True)
class BlockedCost:
    """What products alike take, one behind the other.

    Attributes
    ----------
    seconds
        From the first request to the last written result.
    compute_seconds
        For which the array of the busiest chip is taken, preloads included.
    bus_bytes
        That cross the bus of the memory, for all of them.
    schedule
        How each is run.
    """

    seconds: float
    compute_seconds: float
    bus_bytes: float
    schedule: Schedule


@lru_cache(maxsize=65536)
def blocked_cost(chips: Chips, product: Product) -> BlockedCost:
    """Cost of a product, or of several alike, under the schedule that is fastest and then moves least.

    Blocks are loaded into one half of the buffers while the array works on the other, so a product takes the larger
    of its traffic and its array time, and what neither hides: the first access, the first block's way to the array
    (where its loads outlast its compute), and at the end the last array of weights or the last written block. Chips
    that need the same block are sent it at once (a multicast, as between the chiplets of Simba, doi
    10.1145/3352460.3358302), so sharing a product does not multiply its traffic.

    Raises
    ------
    AhasdError
        The buffers hold no block.
    """
    least = chips.array_rows * (product.input_bits + chips.array_columns * product.operand_bits) / 8
    chips.require_room(least)
    shape = (_without_rates(chips), product if product.rate == 1.0 else replace(product, rate=1.0))
    best: BlockedCost | None = None
    for share in _shares(chips, product):
        if best is not None and _least_compute(chips, product, *share) > best.seconds:
            continue
        cost = _best(chips, product.rate, work_of(*shape, *share))
        if cost is not None and (
            best is None or (cost.seconds, cost.bus_bytes) < (best.seconds, best.bus_bytes)
        ):
            best = cost
    assert best is not None, "the least block fits"
    return best


@lru_cache(maxsize=65536)
def array_seconds(chips: Chips, product: Product) -> float:
    """Time that a product takes the arrays where the buffers never make its rows pass in short pieces."""
    return min(_least_compute(chips, product, *share) for share in _shares(chips, product))


def _shares(chips: Chips, product: Product) -> list[tuple[int, int]]:
    """How many chips can share the rows, and how many the columns."""
    arrays = ceil(product.outputs / chips.array_columns)
    at_work = 1 if product.dealt else chips.count
    doublings = range(min(at_work, product.rows).bit_length())
    return [
        (1 << doubling, columns)
        for doubling in doublings
        for columns in useful_shares(arrays)
        if columns << doubling <= at_work
    ]


def _best(chips: Chips, array_rate: float, work: Work) -> BlockedCost | None:
    """The fastest schedule of one way of sharing, of those the one that moves least; None where none fits."""
    if not work.schedules:
        return None
    rate, cycle = chips.bytes_per_second, 1 / (chips.clock_hz * array_rate)
    compute = work.compute * cycle
    # By so much the loads of the first block outlast the array's work on it, step by step of its depth.
    waiting = np.maximum(0.0, work.steps * (work.loaded / rate - work.worked * cycle))
    head = work.first_bytes / rate + waiting
    seconds = np.maximum(
        work.traffic / rate + work.first_cycles * cycle, head + compute + work.last_bytes / rate
    )
    skew = (chips.array_rows + chips.array_columns - 2) * cycle
    seconds = chips.first_access_s + seconds + skew
    first = int(np.lexsort((work.traffic, seconds))[0])
    return BlockedCost(
        float(seconds[first]), float(compute[first]), float(work.traffic[first]), work.schedules[first]
    )


@lru_cache(maxsize=64)
def _without_rates(chips: Chips) -> Chips:
    return replace(chips, clock_hz=1.0, bytes_per_second=1.0, first_access_s=0.0)


def _least_compute(chips: Chips, product: Product, over_rows: int, over_columns: int) -> float:
    steps = ceil(product.inputs / chips.array_rows)
    arrays = ceil(ceil(product.outputs / chips.array_columns) / over_columns)
    rows = max(ceil(product.rows / over_rows), chips.array_rows)
    turns = ceil(product.count / chips.count) if product.dealt else product.count
    return turns * steps * arrays * rows / (chips.clock_hz * product.rate)
