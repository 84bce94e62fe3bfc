"""Attention of a head over some of its tokens, and the exact merge of such parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False, slots=True)
class PartialSoftmax:
    """What one tile of tokens gives for Q queries: all that a merge needs (arXiv 1805.02867).

    Attributes
    ----------
    greatest
        Q: the greatest score m, -inf over no token.
    weight
        Q: l, the sum of exp(score - m).
    output
        Q×d: the sum of exp(score - m) times the values, not yet divided.
    """

    greatest: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    output: npt.NDArray[np.float64]


def attend(queries: Floats, keys: Floats, values: Floats, scale: float) -> PartialSoftmax:
    """Attend to the tokens of one tile.

    Parameters
    ----------
    queries
        Q×d.
    keys, values
        T×d and T×e; T may be 0.
    scale
        Of the scores, mostly d^-1/2.
    """
    scores = scale * (np.asarray(queries, np.float64) @ np.asarray(keys, np.float64).T)
    greatest = scores.max(axis=1, initial=-np.inf)
    weights = np.exp(scores - np.where(np.isfinite(greatest), greatest, 0.0)[:, None])
    return PartialSoftmax(greatest, weights.sum(axis=1), weights @ np.asarray(values, np.float64))


def merge(parts: Sequence[PartialSoftmax]) -> PartialSoftmax:
    """Merge tiles of the same queries, in any order: exact but for rounding."""
    greatest = np.max([part.greatest for part in parts], axis=0)
    base = np.where(np.isfinite(greatest), greatest, 0.0)
    scales = [np.exp(part.greatest - base) for part in parts]
    weight = sum(
        (scale * part.weight for scale, part in zip(scales, parts, strict=True)), np.zeros_like(base)
    )
    output = sum(
        (scale[:, None] * part.output for scale, part in zip(scales, parts, strict=True)),
        np.zeros_like(parts[0].output),
    )
    return PartialSoftmax(greatest, weight, output)


def normalised(part: PartialSoftmax) -> npt.NDArray[np.float64]:
    """Divide by the weights: Q×e, what the head returns."""
    return part.output / part.weight[:, None]
