"""Images of digits, 8 x 8: drawn from a font of 5 x 7 dots, moved, faded and disturbed. The seed says all."""

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.network.glyph import CLASSES, SIDE

#: Rows of the ten digits, 5 dots each.
_FONT = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00110 01000 10000 11111",
    "11110 00001 00001 01110 00001 00001 11110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)

#: Ink of a dot, background, and the spread of what is added to both (ours: so that a small network errs at times).
_INK, _PAPER, _NOISE = (0.45, 0.95), (0.0, 0.25), 0.17
#: Share of dots that are lost (ours).
_LOST = 0.06


def glyph_images(count: int, seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Draw images (count x 64, from 0 to 1) and say which digit each is."""
    random = np.random.Generator(np.random.PCG64(seed))
    font = np.array([[[float(dot) for dot in row] for row in digit.split()] for digit in _FONT])
    digits = random.integers(0, CLASSES, count)
    down, right = random.integers(0, SIDE - 6, count), random.integers(0, SIDE - 4, count)
    ink, paper = random.uniform(*_INK, count), random.uniform(*_PAPER, count)
    images = np.zeros((count, SIDE, SIDE))
    for place in range(count):
        dots = font[digits[place]] * (random.random((7, 5)) >= _LOST)
        area = images[place, down[place] : down[place] + 7, right[place] : right[place] + 5]
        area[:] = dots
    images = paper[:, None, None] + (ink - paper).clip(0.2)[:, None, None] * images
    images = images + _NOISE * random.standard_normal(images.shape)
    return images.clip(0, 1).reshape(count, SIDE * SIDE), digits


def quantised_images(images: npt.NDArray[np.float64], bits: int) -> npt.NDArray[np.int64]:
    """Images as whole numbers of so many bits."""
    steps: npt.NDArray[np.float64] = np.minimum(np.floor(images * 2**bits), 2**bits - 1)
    return steps.astype(np.int64)
