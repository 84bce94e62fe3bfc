"""Which activations each product reads: indices into the values of the layer before, for any number of images.

Values lie channel by channel, in each image by image, in each position by position.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.network.glyph import SIDE

Indices = npt.NDArray[np.int64]
Kind = TypeVar("Kind", np.int64, np.uint64)
#: Where a window covers padding.
PADDING = -1


@dataclass(frozen=True, slots=True)
class Wiring:
    """Of a layer.

    Attributes
    ----------
    reads
        Groups x depth x positions: what meets each weight at each position.
    windows
        Outputs x window of the maximum that follows; None without one.
    """

    reads: Indices
    windows: Indices | None = None


def convolution(
    channels: int,
    images: int,
    side: int,
    kernel: int = 3,
    stride: int = 1,
    pool: tuple[int, int] | None = None,
) -> Wiring:
    """Of a convolution over squares, padded so that only the stride shrinks them.

    Parameters
    ----------
    pool
        Channels of the result and length of the square windows of the maximum after it, which do not overlap.
    """
    at = np.arange(-(kernel // 2), side + kernel // 2 - kernel + 1, stride)
    rows = at[:, None, None, None] + np.arange(kernel)[None, None, :, None]
    columns = at[None, :, None, None] + np.arange(kernel)
    inside = (rows >= 0) & (rows < side) & (columns >= 0) & (columns < side)
    index = np.where(inside, rows * side + columns, 0).reshape(at.size**2, kernel**2).T
    inside = np.broadcast_to(inside, (at.size, at.size, kernel, kernel)).reshape(at.size**2, kernel**2).T
    plane = np.arange(channels * images).reshape(channels, 1, images, 1) * side**2
    reads = np.where(inside[None, :, None, :], plane + index[None, :, None, :], PADDING)
    windows = None if pool is None else _windows(pool[0] * images, at.size, pool[1])
    return Wiring(reads.reshape(1, channels * kernel**2, images * at.size**2), windows)


def dense(channels: int, images: int, positions: int) -> Wiring:
    """Of a fully connected layer."""
    index = np.arange(channels * images * positions).reshape(channels, images, positions)
    return Wiring(index.transpose(0, 2, 1).reshape(1, channels * positions, images))


def gathered(values: npt.NDArray[Kind], reads: Indices) -> npt.NDArray[Kind]:
    """The values that are read, zero where it is padding."""
    return np.append(values, np.zeros(1, values.dtype))[reads]


def glyph_wirings(images: int) -> tuple[Wiring, ...]:
    """Of the digits' network, layer by layer."""
    half = SIDE // 2
    return (
        convolution(1, images, SIDE),
        convolution(8, images, SIDE),
        convolution(8, images, SIDE, pool=(8, 2)),
        convolution(8, images, half, stride=2),
        dense(16, images, (half // 2) ** 2),
    )


def _windows(planes: int, side: int, length: int) -> Indices:
    squares = np.arange(planes * side * side).reshape(planes, side // length, length, side // length, length)
    return squares.transpose(0, 1, 3, 2, 4).reshape(-1, length * length)
