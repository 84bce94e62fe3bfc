"""Time and traffic of a product under the best of its schedules."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from ahasd.hardware.npu.blocked.chips import Chips
from ahasd.hardware.npu.blocked.product import Product
from ahasd.hardware.npu.blocked.schedules import Order, Schedule, schedules, useful_shares


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
    best: BlockedCost | None = None
    for over_rows, over_columns in _shares(chips, product):
        if best is not None and _least_compute(chips, product, over_rows, over_columns) > best.seconds:
            continue
        for schedule in schedules(chips, product, over_rows, over_columns):
            cost = _cost(chips, product, schedule)
            if best is None or (cost.seconds, cost.bus_bytes) < (best.seconds, best.bus_bytes):
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


def _cost(chips: Chips, product: Product, schedule: Schedule) -> BlockedCost:
    rate, deep = chips.bytes_per_second, chips.array_rows
    cycle = 1 / (chips.clock_hz * product.rate)
    steps = ceil(product.inputs / deep)
    rows = ceil(product.rows / schedule.chips_over_rows)
    arrays = ceil(ceil(product.outputs / chips.array_columns) / schedule.chips_over_columns)
    turns = ceil(product.count / chips.count) if product.dealt else product.count
    # Each array of weights takes as many cycles to preload, behind the one before, as it is high.
    compute = turns * steps * arrays * max(rows, schedule.row_blocks * deep) * cycle
    traffic = product.count * (
        schedule.input_passes * product.input_bytes
        + schedule.operand_passes * product.operand_bytes
        + product.output_bytes
    )
    input_bytes, operand_bytes = product.input_bits / 8, product.operand_bits / 8
    depth, few = min(deep, product.inputs), min(rows, deep)
    first = depth * (few * input_bytes + min(chips.array_columns, product.outputs) * operand_bytes)
    head = first / rate + _waiting(chips, product, schedule, steps, cycle)
    skew = (deep + chips.array_columns - 2) * cycle
    last = product.output_bytes / (product.rows * product.outputs)
    last *= few * min(chips.array_columns, product.outputs)
    seconds = max(traffic / rate + max(few, deep) * cycle, head + compute + last / rate)
    return BlockedCost(chips.first_access_s + seconds + skew, compute, traffic, schedule)


def _waiting(chips: Chips, product: Product, schedule: Schedule, steps: int, cycle: float) -> float:
    """Seconds by which the loads of the first block outlast the array's work on it, step by step of its depth."""
    if schedule.order is Order.SUMS_STAY:
        return 0.0  # loads and work are the same in every step
    deep, rows, columns = chips.array_rows, schedule.first_rows, schedule.first_columns
    loaded: float = min(rows * schedule.chips_over_rows, product.rows) * product.input_bits
    loaded += min(columns * schedule.chips_over_columns, product.outputs) * product.operand_bits
    loads = min(deep, product.inputs) * loaded / 8 / chips.bytes_per_second
    blocks = schedule.row_blocks // schedule.operand_passes if schedule.order is Order.INPUTS_STAY else 1
    works = ceil(columns / chips.array_columns) * max(rows, blocks * deep) * cycle
    return max(0.0, steps * (loads - works))


def _least_compute(chips: Chips, product: Product, over_rows: int, over_columns: int) -> float:
    steps = ceil(product.inputs / chips.array_rows)
    arrays = ceil(ceil(product.outputs / chips.array_columns) / over_columns)
    rows = max(ceil(product.rows / over_rows), chips.array_rows)
    turns = ceil(product.count / chips.count) if product.dealt else product.count
    return turns * steps * arrays * rows / (chips.clock_hz * product.rate)
