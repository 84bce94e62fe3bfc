"""How many memory requests a rectangle of a matrix takes, alignment of its rows included."""

from itertools import pairwise

from ahasd.hardware.npu.systolic.core import NpuConfig
from ahasd.hardware.npu.systolic.dataflow import ceil_divide
from ahasd.hardware.npu.systolic.tiling import Cut, Tiling


def rectangle_requests(first_row: int, rows: int, columns: int, stride: int, per_request: int) -> int:
    """Distinct requests of one transfer of ``rows`` × ``columns`` elements, rows ``stride`` elements apart.

    A row asks for ⌈columns / per_request⌉ consecutive requests; when rows do not start on a request boundary,
    the last request of a row can be the first of the next, and one transfer asks for it once.

    Parameters
    ----------
    first_row
        Row of the matrix where the rectangle starts.
    per_request
        Elements of a request.
    """
    per_row = ceil_divide(columns, per_request)
    if stride % per_request == 0 or stride - columns >= per_request:
        return rows * per_row
    starts = [row * stride // per_request for row in range(first_row, first_row + rows)]
    shared = sum(max(0, start + per_row - after) for start, after in pairwise(starts))
    return rows * per_row - shared


def read_requests(config: NpuConfig, tiling: Tiling, request_bytes: int) -> int:
    """Requests that read inputs (again for every column of output tiles) and weights (for every row of them)."""
    inputs = _streamed(config, tiling.M, tiling.K, request_bytes)
    weights = _streamed(config, tiling.N, tiling.K, request_bytes)
    return tiling.N.count * inputs + tiling.M.count * weights


def write_requests(config: NpuConfig, tiling: Tiling, request_bytes: int) -> int:
    """Requests that write the result, each output once, one transfer per array width of rows and columns."""
    return _streamed(config, tiling.M, Cut(tiling.N.total, config.array_columns), request_bytes)


def _streamed(config: NpuConfig, rows: Cut, columns: Cut, request_bytes: int) -> int:
    """Requests of a matrix that is moved in transfers of one array height of rows by one piece of columns."""
    per_request = max(1, request_bytes // config.element_bytes)
    height, stride = config.array_rows, columns.total
    lengths = [columns.length(index) for index in range(columns.count)]
    if stride % per_request == 0:
        return rows.total * sum(ceil_divide(length, per_request) for length in lengths)
    # The alignment of rows repeats, so transfers that start alike cost alike.
    known: dict[tuple[int, int, int], int] = {}
    total = 0
    for first in range(0, rows.total, height):
        count = min(height, rows.total - first)
        for length in lengths:
            key = (first * stride % per_request, count, length)
            if key not in known:
                known[key] = rectangle_requests(first, count, length, stride, per_request)
            total += known[key]
    return total
