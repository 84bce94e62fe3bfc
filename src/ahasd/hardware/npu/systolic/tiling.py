"""How a product is cut into the tiles that fit the double-buffered scratchpad and accumulators.

The rule is that of Gemmini's tiled matrix product (arXiv:1911.09925) as ONNXim (doi 10.1109/LCA.2024.3484648)
uses it: square output tiles bounded by the accumulators, an inner length bounded by the scratchpad, both in
whole array widths. Because it decides how many output tiles there are, it decides how often the operands are
read again.
"""

from dataclasses import dataclass

from ahasd.hardware.npu.systolic.core import NpuConfig, TileRounding
from ahasd.hardware.npu.systolic.dataflow import ceil_divide


@dataclass(frozen=True, slots=True)
class Cut:
    """A dimension cut into equal pieces, the last one perhaps shorter."""

    total: int
    piece: int

    @property
    def count(self) -> int:
        """Number of pieces."""
        return ceil_divide(self.total, self.piece)

    def length(self, index: int) -> int:
        """Elements of one piece."""
        return min(self.piece, self.total - index * self.piece)


@dataclass(frozen=True, slots=True)
class Tiling:
    """Cuts of the three dimensions: rows of the input M, columns of the weights N, inner product K."""

    M: Cut
    N: Cut
    K: Cut

    @property
    def output_tiles(self) -> int:
        """Tiles of the result; each is accumulated over ``K.count`` tiles."""
        return self.M.count * self.N.count


def tile(config: NpuConfig, M: int, N: int, K: int) -> Tiling:  # noqa: N803
    """Cut an M×K by K×N product.

    With several cores the longer of M and N is cut finer: into a tile for every core at least, and by as many
    more as the division over the cores leaves over (ONNXim's rule). The inner product is never split over cores.
    """
    array, side = config.array_rows, config.output_blocks_per_side
    pieces_m, pieces_n = (ceil_divide(size, side * array) for size in (M, N))
    if pieces_m * pieces_n < config.cores:
        factor = ceil_divide(config.cores, pieces_m * pieces_n)
        pieces_m, pieces_n = _finer(
            config, (M, N), (pieces_m, pieces_n), (pieces_m * factor, pieces_n * factor)
        )
    if extra := pieces_m * pieces_n % config.cores:
        pieces_m, pieces_n = _finer(
            config, (M, N), (pieces_m, pieces_n), (pieces_m + extra, pieces_n + extra)
        )
    pieces_k = ceil_divide(K, config.depth_blocks * array)
    rounding = config.tile_rounding
    return Tiling(*(_cut(*cut, array, rounding) for cut in ((M, pieces_m), (N, pieces_n), (K, pieces_k))))


def _finer(
    config: NpuConfig, sizes: tuple[int, int], old: tuple[int, int], new: tuple[int, int]
) -> tuple[int, int]:
    rows, columns = sizes
    if columns > rows and columns > config.cores:
        return old[0], new[1]
    if rows > columns and rows > config.cores:
        return new[0], old[1]
    return old


def _cut(total: int, pieces: int, array: int, rounding: TileRounding) -> Cut:
    blocks = ceil_divide(total, array)
    # More pieces than array widths cannot be had: a piece is at least one array wide.
    even = ceil_divide(blocks * array, pieces)
    share = max(1, even // array if rounding is TileRounding.DOWN else ceil_divide(even, array))
    return Cut(total, share * array)
