"""Laws that the NPU must keep on any product, and one worked by hand."""

from dataclasses import replace
from itertools import product
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.hardware.npu.systolic import MemoryPort, NpuConfig, TileRounding, gemm, machine, tile
from ahasd.hardware.npu.systolic.playback import CorePlayback
from ahasd.hardware.npu.systolic.requests import read_requests, rectangle_requests, write_requests
from ahasd.hardware.npu.systolic.tile_shape import tiles_of_busiest_core

ARRAY = 8
SMALL = NpuConfig(ARRAY, ARRAY, 16 * 1024, 4 * 1024)
CONFIGS = st.builds(
    NpuConfig,
    array_rows=st.just(ARRAY),
    array_columns=st.just(ARRAY),
    scratchpad_bytes=st.sampled_from([8, 16, 24, 64]).map(lambda kib: kib * 1024),
    accumulator_bytes=st.sampled_from([512, 2048, 4096, 9216]),
    element_bytes=st.sampled_from([1, 2]),
    cores=st.integers(1, 4),
    tile_rounding=st.sampled_from(TileRounding),
)
PORTS = st.builds(MemoryPort, st.sampled_from([3.3, 48.0, 512.0]), st.sampled_from([0, 40]))
SIZES = st.integers(1, 150)


@given(CONFIGS, PORTS, SIZES, SIZES, SIZES)
def test_never_above_array_or_bus_peak(config, port, m, n, k):
    cost = gemm(config, port, m, n, k)
    assert cost.cycles * config.peak_macs_per_cycle >= m * n * k
    assert (
        cost.cycles * port.bytes_per_cycle >= (cost.dram_reads + cost.dram_writes) * port.request_bytes - 1e-6
    )
    assert cost.cycles >= max(cost.compute_cycles, cost.memory_cycles)


@given(
    CONFIGS, PORTS, SIZES, st.integers(1, 9), st.integers(1, 9), st.sampled_from([0, 1, 2]), st.integers(1, 9)
)
def test_rounding_up_is_monotone_in_every_dimension(config, port, m, n_requests, k_requests, grown, by):
    # Whole requests: rows that do not start on a request boundary can share requests, and longer ones may not.
    config = replace(config, tile_rounding=TileRounding.UP, cores=1)
    sizes = [m, 32 * n_requests, 32 * k_requests]
    before = gemm(config, port, *sizes)
    sizes[grown] += by if grown == 0 else 32 * by
    after = gemm(config, port, *sizes)
    # An array that has drained pays one refill; a longer product can arrive in time to avoid it.
    assert after.cycles >= before.cycles - 2 * ARRAY
    assert after.dram_reads >= before.dram_reads
    assert after.dram_writes >= before.dram_writes


@given(st.integers(8, 64), st.integers(8, 64), st.integers(1, 300), st.integers(1, 300), st.integers(1, 40))
def test_measured_rounding_never_reads_less_than_rounding_up(scratchpad, accumulators, m, n, k_requests):
    config, port = NpuConfig(32, 32, 8192 * scratchpad, 1024 * accumulators), MemoryPort(48.0, 10)
    down, up = (
        gemm(replace(config, tile_rounding=rounding), port, m, n, 32 * k_requests)
        for rounding in TileRounding
    )
    assert down.dram_reads >= up.dram_reads
    assert down.dram_writes == up.dram_writes


@given(
    st.sampled_from(TileRounding),
    st.sampled_from([1, 2]),
    st.integers(8, 64),
    st.integers(8, 64),
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(1, 40),
    st.integers(1, 8),
)
def test_more_scratchpad_never_more_traffic(
    rounding, element_bytes, scratchpad, accumulators, m, n, k, factor
):
    # An array of 32 and a K of whole requests: every piece of K is a whole number of requests.
    config = NpuConfig(32, 32, 8192 * scratchpad, 1024 * accumulators, element_bytes=element_bytes)
    config, port = replace(config, tile_rounding=rounding), MemoryPort(48.0, 10)
    before = gemm(config, port, m, n, 32 * k).dram_reads
    larger = replace(config, scratchpad_bytes=config.scratchpad_bytes * factor)
    assert gemm(larger, port, m, n, 32 * k).dram_reads <= before
    larger = replace(larger, accumulator_bytes=config.accumulator_bytes * factor)
    assert gemm(larger, port, m, n, 32 * k).dram_reads <= before


@given(CONFIGS, SIZES, SIZES, SIZES)
def test_splitting_over_cores_conserves_macs(config, m, n, k):
    tiling = tile(config, m, n, k)
    pieces = product(*(range(cut.count) for cut in (tiling.M, tiling.N, tiling.K)))
    assert (
        sum(tiling.M.length(i) * tiling.N.length(j) * tiling.K.length(o) for i, j, o in pieces) == m * n * k
    )
    played = tiles_of_busiest_core(config, tiling, 16)
    assert len(played) == ceil(tiling.output_tiles / config.cores) * tiling.K.count
    macs = sum(shape.rows * shape.columns * shape.depth for shape in played)
    assert macs * config.cores >= m * n * k


@given(CONFIGS, SIZES, SIZES, SIZES)
def test_tiles_fit_their_half_of_the_buffers(config, m, n, k):
    tiling = tile(config, m, n, k)
    piece_m, piece_n, piece_k = tiling.M.piece, tiling.N.piece, tiling.K.piece
    assert piece_m * piece_n * 4 <= config.accumulator_bytes / 2
    assert (piece_m + piece_n) * piece_k * config.element_bytes <= config.scratchpad_bytes / 2


@settings(max_examples=60)
@given(CONFIGS, PORTS, st.integers(1, 40), st.integers(200, 900), st.integers(1, 300))
def test_extrapolated_run_is_the_played_one(config, port, m, n, k):
    per_request = 32 // config.element_bytes
    tiling = tile(config, m, n, k)
    tiles = tiles_of_busiest_core(config, tiling, per_request)
    quick, slow = (
        CorePlayback(config.array_rows, port, per_request).play(tiles, tiling.K.count, extrapolate)
        for extrapolate in (True, False)
    )
    assert quick == pytest.approx(slow, rel=1e-6)


def distinct_requests(first_row, rows, columns, stride, per_request):
    """Addresses of a transfer, one by one, at the first element of every request-sized piece of a row."""
    return len(
        {
            (row * stride + column) // per_request
            for row in range(first_row, first_row + rows)
            for column in range(0, columns, per_request)
        }
    )


@given(
    st.integers(0, 50), st.integers(1, 40), st.integers(1, 100), st.integers(0, 60), st.sampled_from([16, 32])
)
def test_requests_of_a_rectangle_are_its_distinct_addresses(first_row, rows, columns, rest, per_request):
    counted = rectangle_requests(first_row, rows, columns, columns + rest, per_request)
    assert counted == distinct_requests(first_row, rows, columns, columns + rest, per_request)


@given(CONFIGS, SIZES, SIZES, SIZES)
def test_traffic_is_the_sum_over_transfers(config, m, n, k):
    tiling, per_request = tile(config, m, n, k), 32 // config.element_bytes

    def moved(total, columns):
        return sum(
            distinct_requests(row, min(ARRAY, total - row), columns.length(piece), columns.total, per_request)
            for row in range(0, total, ARRAY)
            for piece in range(columns.count)
        )

    reads = tiling.N.count * moved(m, tiling.K) + tiling.M.count * moved(n, tiling.K)
    assert read_requests(config, tiling, 32) == reads
    assert write_requests(config, tiling, 32) >= m * n // per_request


def test_one_block_by_hand():
    # Inputs and weights: 8 rows of one request each, 32 bytes per cycle: 16 cycles and 10 of latency. The array
    # reads and shifts in its weights in 15, streams 8 rows with a skew of 14, and the result takes 8 more and 10.
    assert (
        gemm(replace(SMALL, element_bytes=4), MemoryPort(32.0, 10), 8, 8, 8).cycles
        == 16 + 10 + 15 + 14 + 8 + 8 + 10
    )


def test_rows_below_the_array_size_are_free_when_the_array_bounds():
    config, fast = machine("128_hbm2").npu, MemoryPort(1e6, 0)
    one, many = (gemm(config, fast, rows, 4096, 4096) for rows in (1, 128))
    assert one.compute_cycles == many.compute_cycles
    assert many.cycles - one.cycles <= 128


def test_two_cores_halve_a_compute_bound_product():
    two = NpuConfig(128, 128, 4 << 20, 1 << 20, element_bytes=1, cores=2)
    one, fast = replace(two, cores=1), MemoryPort(1e6, 0)
    ratio = gemm(one, fast, 64, 4096, 4096).cycles / gemm(two, fast, 64, 4096, 4096).cycles
    assert ratio == pytest.approx(2, rel=0.02)


def test_bad_configurations_are_named():
    with pytest.raises(AhasdError, match="square"):
        NpuConfig(8, 16, 65536, 65536)
    with pytest.raises(AhasdError, match="hold no double-buffered tile"):
        NpuConfig(128, 128, 65536, 65536)
    with pytest.raises(AhasdError, match="memory port"):
        MemoryPort(0.0, 1)
    with pytest.raises(AhasdError, match="K is 0"):
        gemm(SMALL, MemoryPort(32.0, 10), 8, 8, 0)
