"""Blocked products: bounds that no schedule can beat, rooms that none exceeds, and a machine that plays them."""

import csv
from dataclasses import replace
from itertools import pairwise
from math import ceil, sqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.npu.blocked import Chips, Order, Product, Schedule, array_seconds, blocked_cost, schedules
from ahasd.hardware.npu.blocked.schedules import ladder, useful_shares
from ahasd.hardware.npu.blocked.work import work_of
from ahasd.hardware.npu.systolic import machine

#: One chip of AHASD's platform behind 51.2 GB/s.
ONE = Chips(1, 128, 128, 8e6, 1e6, 1e9, 51.2e9, 50e-9)
CHIPS = st.builds(
    Chips,
    count=st.integers(1, 9),
    array_rows=st.sampled_from([8, 16, 24]),
    array_columns=st.sampled_from([8, 16]),
    scratchpad_bytes=st.sampled_from([2000, 9000, 40e3]),
    accumulator_bytes=st.sampled_from([128, 1000, 9000]),
    clock_hz=st.just(1e9),
    bytes_per_second=st.sampled_from([1e9, 20e9, 1e12]),
    first_access_s=st.sampled_from([0.0, 50e-9]),
)
SIZES = st.integers(1, 400)
BITS = st.sampled_from([4, 8, 16])


def product(rows: int, inputs: int, outputs: int, input_bits: int = 8, operand_bits: int = 8) -> Product:
    return Product(
        rows,
        inputs,
        outputs,
        input_bits,
        operand_bits,
        rows * inputs * input_bits / 8,
        inputs * outputs * operand_bits / 8,
        rows * outputs * input_bits / 8,
    )


PRODUCTS = st.builds(product, SIZES, SIZES, SIZES, BITS, BITS)


def all_schedules(chips: Chips, of: Product) -> list[Schedule]:
    shares = [(rows, columns) for rows in range(1, chips.count + 1) for columns in range(1, chips.count + 1)]
    fitting = [share for share in shares if share[0] * share[1] <= chips.count]
    return [schedule for share in fitting for schedule in schedules(chips, of, *share)]


@given(CHIPS, PRODUCTS)
def test_traffic_keeps_to_the_bounds_of_communication(chips: Chips, of: Product) -> None:
    """No less than every operand once, nor than 2 MNK / sqrt(S) - 2 S elements (arXiv:1702.02017) of 4 bits."""
    fast = 2 * chips.count * (chips.scratchpad_bytes + chips.accumulator_bytes)
    least = (2 * of.rows * of.inputs * of.outputs / sqrt(fast) - 2 * fast) / 2
    moved = blocked_cost(chips, of).bus_bytes
    assert moved >= max(of.compulsory_bytes, least)


@given(CHIPS, PRODUCTS)
def test_nothing_is_faster_than_the_arrays_and_the_bus(chips: Chips, of: Product) -> None:
    cost = blocked_cost(chips, of)
    macs = chips.count * chips.array_rows * chips.array_columns * chips.clock_hz * of.rate
    assert cost.seconds >= of.rows * of.inputs * of.outputs / macs
    assert cost.seconds >= max(cost.compute_seconds, cost.bus_bytes / chips.bytes_per_second)
    assert cost.compute_seconds >= array_seconds(chips, of)


@given(CHIPS, PRODUCTS)
def test_blocks_fit_their_half_of_the_buffers(chips: Chips, of: Product) -> None:
    for schedule in all_schedules(chips, of):
        rows = ceil(of.rows / schedule.chips_over_rows)
        row_bytes = of.input_bits / 8
        piece = ceil(rows / schedule.row_blocks)
        if schedule.order is Order.INPUTS_STAY:
            panel = ceil(rows / schedule.operand_passes)
            pieces = schedule.row_blocks // schedule.operand_passes
            depth = chips.array_rows if pieces == 1 else of.inputs
            held = panel * of.inputs * row_bytes + depth * chips.array_columns * of.operand_bits / 8
            sums = ceil(panel / pieces) * chips.array_columns
        elif schedule.order is Order.WEIGHTS_STAY:
            held = of.inputs * (piece * row_bytes + schedule.first_columns * of.operand_bits / 8)
            sums = piece * chips.array_columns
        else:
            held = chips.array_rows * (piece * row_bytes + schedule.first_columns * of.operand_bits / 8)
            sums = piece * schedule.first_columns
        assert held <= chips.scratchpad_bytes / 2
        assert sums * 4 <= chips.accumulator_bytes / 2


@given(CHIPS, PRODUCTS, st.booleans(), st.floats(0.1, 9), st.floats(0.1, 9))
def test_what_is_kept_of_other_rates_changes_nothing(
    chips: Chips, of: Product, dealt: bool, clock: float, rate: float
) -> None:
    of = replace(of, dealt=dealt, count=3)
    other = replace(chips, clock_hz=chips.clock_hz * clock, bytes_per_second=chips.bytes_per_second * rate)
    blocked_cost(other, of)
    warm = blocked_cost(chips, of)
    blocked_cost.cache_clear()
    work_of.cache_clear()
    assert blocked_cost(chips, of) == warm
    best = blocked_cost(other, of)
    assert best.schedule in all_schedules(other, of)


@settings(max_examples=300)
@given(
    CHIPS,
    PRODUCTS,
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from(["count", "scratchpad_bytes", "accumulator_bytes", "clock_hz", "bytes_per_second"]),
    st.sampled_from([1.001, 1.3, 2, 7]),
)
def test_more_of_anything_is_never_slower(
    chips: Chips, of: Product, count: int, dealt: bool, resource: str, factor: float
) -> None:
    of = replace(of, count=count, dealt=dealt)
    now = getattr(chips, resource)
    more = replace(chips, **{resource: now + ceil(factor) if resource == "count" else now * factor})
    assert blocked_cost(more, of).seconds <= blocked_cost(chips, of).seconds * (1 + 1e-12)


@given(CHIPS, st.integers(1, 60), SIZES, SIZES, st.sampled_from([8, 16]), st.sampled_from([8, 16]))
def test_narrower_operands_are_never_slower(
    chips: Chips, rows: int, inputs: int, outputs: int, input_bits: int, operand_bits: int
) -> None:
    wide = blocked_cost(chips, product(rows, inputs, outputs, input_bits, operand_bits))
    for narrower in ((input_bits // 2, operand_bits), (input_bits, operand_bits // 2)):
        cost = blocked_cost(chips, product(rows, inputs, outputs, *narrower))
        assert cost.seconds <= wide.seconds * (1 + 1e-12)
        assert cost.bus_bytes / cost.seconds <= chips.bytes_per_second * (1 + 1e-12)


def test_a_narrow_product_reads_its_weights_once_by_hand() -> None:
    cost = blocked_cost(ONE, product(1, 4096, 4096))
    assert cost.bus_bytes == 4096 * 4096 + 2 * 4096
    # 32 by 32 arrays of weights, 128 cycles each to preload.
    assert cost.compute_seconds == pytest.approx(32 * 32 * 128e-9, rel=1e-12)
    # Latency, the stream, the last array of weights, and the way across the array.
    assert cost.seconds == pytest.approx(50e-9 + cost.bus_bytes / 51.2e9 + 128e-9 + 254e-9, rel=1e-12)


def test_a_wide_product_keeps_panels_of_inputs_by_hand() -> None:
    """Half of 8 MB holds 1,000 rows of 4,096 inputs, but 976 sums beside each other: five panels of 820 rows."""
    cost = blocked_cost(replace(ONE, bytes_per_second=5e9), product(4096, 4096, 4096))
    best = cost.schedule
    assert (best.order, best.row_blocks, best.first_rows) == (Order.INPUTS_STAY, 5, 820)
    assert (best.input_passes, best.operand_passes) == (1, 5)
    # Inputs, weights for each panel, and the result.
    assert cost.bus_bytes == (1 + 5 + 1) * 4096**2


def test_more_scratchpad_holds_larger_panels_by_hand() -> None:
    """9 MB beside a panel of columns of 0.5 MB hold 2,048 rows, whose sums take three turns."""
    much = replace(ONE, bytes_per_second=5e9, scratchpad_bytes=18e6)
    cost = blocked_cost(much, product(4096, 4096, 4096))
    assert (cost.schedule.operand_passes, cost.schedule.row_blocks) == (2, 6)
    assert cost.bus_bytes == (1 + 2 + 1) * 4096**2


def test_pieces_shorter_than_the_array_wait_for_the_next_weights() -> None:
    """Accumulators for eight sums beside each other cut 128 rows into 16 pieces, each as long as a preload."""
    few = replace(ONE, accumulator_bytes=2 * 4 * 8 * 128)
    cost = blocked_cost(few, product(128, 1024, 1024))
    assert cost.schedule.row_blocks == 16
    assert cost.compute_seconds == 16 * array_seconds(few, product(128, 1024, 1024))


def test_sixteen_bits_take_the_array_twice_as_long() -> None:
    plain = product(1024, 1024, 1024)
    assert array_seconds(ONE, replace(plain, rate=0.5)) == 2 * array_seconds(ONE, plain)


def test_heads_follow_each_other_without_a_break() -> None:
    """Thirty-two heads of 512 keys move 32 times what one moves, and wait once for the first access."""
    one = product(1, 128, 512)
    many = blocked_cost(ONE, replace(one, count=32, dealt=True))
    assert many.bus_bytes == 32 * blocked_cost(ONE, one).bus_bytes
    assert many.seconds < 32 * blocked_cost(ONE, one).seconds - 31 * ONE.first_access_s
    # On two chips each has sixteen of them.
    two = replace(ONE, count=2)
    assert blocked_cost(two, replace(one, count=32, dealt=True)).compute_seconds == many.compute_seconds / 2


def test_buffers_that_hold_no_block_are_refused_with_what_would_do() -> None:
    least = 2 * 128 * (1 + 128)
    with pytest.raises(AhasdError, match=f"give at least {least} and 1024 bytes"):
        blocked_cost(replace(ONE, scratchpad_bytes=least - 1), product(1, 128, 128))
    with pytest.raises(AhasdError, match="hold no double-buffered block"):
        blocked_cost(replace(ONE, accumulator_bytes=1000), product(1, 128, 128))
    assert blocked_cost(replace(ONE, scratchpad_bytes=least, accumulator_bytes=1024), product(9, 999, 999))


@given(st.integers(1, 3000))
def test_the_ladder_climbs_to_every_size_in_steps_of_a_quarter(size: int) -> None:
    steps = ladder(size)
    assert steps[0] == 1 if size > 1 else steps == (1,)
    assert steps[-1] == size
    assert all(low < high <= max(low + 1, 1.26 * low) for low, high in pairwise(steps))
    # What fits a shorter dimension is tried for a longer one, too.
    assert set(steps[:-1]) <= set(ladder(size + 1))


@given(st.integers(1, 300), st.integers(1, 300))
def test_useful_shares_leave_as_few_arrays_as_any(arrays: int, chips: int) -> None:
    useful = [share for share in useful_shares(arrays) if share <= chips]
    assert min(ceil(arrays / share) for share in useful) == ceil(arrays / min(chips, arrays))


def played(chips: Chips, of: Product, schedule: Schedule) -> float:
    """Seconds of one chip that plays a schedule: loads in order, each a step ahead of the array by half a buffer."""
    deep, width = chips.array_rows, chips.array_columns
    steps, arrays = ceil(of.inputs / deep), ceil(of.outputs / width)
    a, b = of.input_bits / 8, of.operand_bits / 8
    work: list[tuple[float, float, float]] = []  # bytes to load, cycles, bytes to write
    tile = deep * width * b

    def cycles(rows: float) -> float:
        return max(rows, deep)

    if schedule.order is Order.INPUTS_STAY:
        panels = schedule.operand_passes
        pieces, height = schedule.row_blocks // panels, of.rows / panels
        for panel in range(panels):
            for array in range(arrays):
                for step in range(steps):
                    # The first panel comes with its first pass, each later one spread over the panel before it.
                    ahead = height * deep * a
                    if panel == 0 and array == 0:
                        loads = tile + ahead + (ahead / arrays if panels > 1 else 0)
                    else:
                        loads = tile + (ahead / arrays if panel < panels - 1 else 0)
                    writes = height * width * a if step == steps - 1 else 0.0
                    work.append((loads, pieces * cycles(height / pieces), writes))
    elif schedule.order is Order.WEIGHTS_STAY:
        panels, pieces = schedule.input_passes, schedule.row_blocks
        of_panel = arrays / panels
        for panel in range(panels):
            for piece in range(pieces):
                for step in range(steps):
                    rows = of.rows / pieces
                    loads = rows * deep * a
                    of_weights = of_panel * tile
                    if panel == 0 and piece == 0:
                        loads += of_weights
                    if panel < panels - 1:
                        loads += of_weights / pieces
                    writes = rows * of_panel * width * a if step == steps - 1 else 0.0
                    work.append((loads, of_panel * cycles(rows), writes))
    else:
        for _ in range(schedule.row_blocks * schedule.input_passes):
            rows, columns = of.rows / schedule.row_blocks, arrays * width / schedule.input_passes
            for step in range(steps):
                writes = rows * columns * a if step == steps - 1 else 0.0
                work.append((deep * (rows * a + columns * b), columns / width * cycles(rows), writes))
    bus = done = chips.first_access_s
    for loads, busy, writes in work:
        bus += loads / chips.bytes_per_second
        done = max(done, bus) + busy / chips.clock_hz
        bus += writes / chips.bytes_per_second
    return max(done, bus) + (deep + width - 2) / chips.clock_hz


@pytest.mark.parametrize("bytes_per_second", [4e9, 51.2e9, 400e9])
@pytest.mark.parametrize("shape", [(4096, 4096), (4096, 11008), (11008, 4096), (2048, 2048), (4096, 32000)])
def test_the_closed_form_is_near_what_a_machine_takes_that_plays_the_schedule(
    bytes_per_second: float, shape: tuple[int, int]
) -> None:
    chips = replace(ONE, bytes_per_second=bytes_per_second)
    for rows in (1, 16, 128, 500, 1024, 2048, 4096):
        of = product(rows, *shape)
        cost = blocked_cost(chips, of)
        assert cost.seconds == pytest.approx(played(chips, of, cost.schedule), rel=0.015), rows


def test_blocks_come_near_the_roofline() -> None:
    """Products of LLaMA2-7B with 4,096 rows on the platform's two chips, against arrays or compulsory traffic."""
    chips = replace(ONE, count=2, bytes_per_second=45.8e9)
    for inputs, outputs, within in ((4096, 4096, 1.05), (4096, 11008, 1.02), (11008, 4096, 1.30)):
        of = product(4096, inputs, outputs)
        bound = max(array_seconds(chips, of), of.compulsory_bytes / chips.bytes_per_second)
        assert bound <= blocked_cost(chips, of).seconds <= within * bound


def measured_rows() -> list[dict[str, str]]:
    with (Path(__file__).parents[2] / "reference" / "onnxim_gemm.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", measured_rows(), ids=lambda row: "-".join(row.values()))
def test_reuse_beats_tiles_that_are_loaded_anew(row: dict[str, str]) -> None:
    """On ONNXim's machines blocks move and take less than it measured; a narrow product has nothing to reuse."""
    measured = machine(row["config"])
    npu, port, rows = measured.npu, measured.port, int(row["M"])
    chips = Chips(
        1,
        npu.array_rows,
        npu.array_columns,
        npu.scratchpad_bytes,
        npu.accumulator_bytes,
        npu.clock_hz,
        port.bytes_per_cycle * npu.clock_hz,
        port.latency_cycles / npu.clock_hz,
    )
    cost = blocked_cost(chips, product(rows, int(row["K"]), int(row["N"]), 16, 16))
    share = cost.seconds * npu.clock_hz / int(row["cycles"])
    assert cost.bus_bytes <= 32 * (int(row["dram_reads_32B"]) + int(row["dram_writes_32B"]))
    assert (0.92 if rows <= 16 else 0.75) < share < 1
