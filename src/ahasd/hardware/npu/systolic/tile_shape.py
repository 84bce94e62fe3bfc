"""The tiles that one core plays, in order."""

from dataclasses import dataclass

from ahasd.hardware.npu.systolic.core import NpuConfig
from ahasd.hardware.npu.systolic.dataflow import ceil_divide
from ahasd.hardware.npu.systolic.tiling import Tiling


@dataclass(frozen=True, slots=True)
class TileShape:
    """One tile of a product, with its requests.

    Parameters
    ----------
    rows, columns, depth
        Elements along M, N and K.
    requests_per_row
        Requests for one row of the inputs or of the weights over this depth.
    last
        Whether the inner product is complete after this tile, so that the result is written.
    """

    rows: int
    columns: int
    depth: int
    requests_per_row: float
    last: bool


def tiles_of_busiest_core(config: NpuConfig, tiling: Tiling, per_request: int) -> list[TileShape]:
    """Tiles of the first core, which never has fewer than another: output tiles are dealt in turn, M outermost.

    Tiles of one shape are one object.
    """
    shapes: dict[tuple[int, int], list[TileShape]] = {}
    outputs: list[list[TileShape]] = []
    full_columns, last_columns = tiling.N.length(0), tiling.N.length(tiling.N.count - 1)
    for index in range(tiling.M.count):
        rows = tiling.M.length(index)
        for columns in {full_columns, last_columns}:
            shapes.setdefault((rows, columns), _depth_tiles(tiling, rows, columns, per_request))
        outputs += [shapes[rows, full_columns]] * (tiling.N.count - 1) + [shapes[rows, last_columns]]
    return [tile for output in outputs[:: config.cores] for tile in output]


def _depth_tiles(tiling: Tiling, rows: int, columns: int, per_request: int) -> list[TileShape]:
    count = tiling.K.count
    known: dict[tuple[int, bool], TileShape] = {}
    tiles = []
    for index in range(count):
        depth, last = tiling.K.length(index), index == count - 1
        # Whole rows lie back to back: a request that two rows share is asked for once.
        requests = depth / per_request if count == 1 else float(ceil_divide(depth, per_request))
        tiles.append(known.setdefault((depth, last), TileShape(rows, columns, depth, requests, last)))
    return tiles
