"""Cycles and memory traffic of a matrix product on a weight-stationary NPU with double-buffered scratchpad."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil

from ahasd.hardware.npu.systolic.core import NpuConfig
from ahasd.hardware.npu.systolic.dataflow import ceil_divide, check_sizes
from ahasd.hardware.npu.systolic.memory_port import MemoryPort
from ahasd.hardware.npu.systolic.playback import CorePlayback
from ahasd.hardware.npu.systolic.requests import read_requests, write_requests
from ahasd.hardware.npu.systolic.tile_shape import TileShape, tiles_of_busiest_core
from ahasd.hardware.npu.systolic.tiling import tile


class GemmBound(StrEnum):
    """What a product waits for most of its time."""

    COMPUTE = "compute"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class GemmCost:
    """Cost of one product.

    Parameters
    ----------
    cycles
        From the first request to the last written result, in cycles of the cores.
    dram_reads, dram_writes
        Requests of the port's size (32 bytes by default).
    compute_cycles
        Cycles in which the array of the busiest core is taken, preloads included.
    memory_cycles
        Cycles that the traffic alone takes at the rate of the port.
    bound
        The larger of the two.
    """

    cycles: int
    dram_reads: int
    dram_writes: int
    compute_cycles: int
    memory_cycles: float
    bound: GemmBound


@lru_cache(maxsize=4096)
def gemm(config: NpuConfig, memory: MemoryPort, M: int, N: int, K: int) -> GemmCost:  # noqa: N803
    """Cost of an M×K by K×N product, all operands in memory, the result written back.

    The output tiles are dealt to the cores in turn; a core has a fair share of the memory. The product takes as
    long as the core with the most tiles, and no less than all traffic takes at the rate of the port.

    Parameters
    ----------
    config
        The cores.
    memory
        What they see of the memory, shared by all.
    M, N, K
        Rows of the input, columns of the weights, length of the inner product, in elements.

    Raises
    ------
    AhasdError
        If a size is below one.
    """
    check_sizes(M=M, N=N, K=K)
    tiling = tile(config, M, N, K)
    per_request = max(1, memory.request_bytes // config.element_bytes)
    tiles = tiles_of_busiest_core(config, tiling, per_request)
    active = min(config.cores, tiling.output_tiles)
    core = CorePlayback(config.array_rows, memory.shared_by(active), per_request)
    reads = read_requests(config, tiling, memory.request_bytes)
    writes = write_requests(config, tiling, memory.request_bytes)
    traffic = (reads + writes) * memory.request_bytes / memory.bytes_per_cycle
    cycles = ceil(max(core.play(tiles, tiling.K.count), traffic))
    compute = sum(_array_cycles(config.array_rows, shape) * count for shape, count in _counted(tiles))
    bound = GemmBound.COMPUTE if compute >= traffic else GemmBound.MEMORY
    return GemmCost(cycles, reads, writes, compute, traffic, bound)


def _counted(tiles: list[TileShape]) -> list[tuple[TileShape, int]]:
    counts: dict[int, int] = {}
    shapes: dict[int, TileShape] = {}
    for shape in tiles:
        shapes[id(shape)] = shape
        counts[id(shape)] = counts.get(id(shape), 0) + 1
    return [(shape, counts[key]) for key, shape in shapes.items()]


def _array_cycles(size: int, shape: TileShape) -> int:
    """Cycles that a tile keeps the array: its weight blocks, each as long as its rows, or the array height."""
    blocks = ceil_divide(shape.columns, size) * ceil_divide(shape.depth, size)
    full, rest = divmod(shape.rows, size)
    return blocks * size * (full + (rest > 0))
