"""Acceptance coins: seeded draws from PCG64 integers, the same on every platform."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

#: What a draw is for; each purpose has a stream of its own, so that one never shifts another.
Purpose = Literal["coins", "tails", "shift", "latent", "recorded", "arms"]
_STREAM: dict[Purpose, int] = {
    "coins": 0,
    "tails": 1,
    "shift": 2,
    "latent": 3,
    "recorded": 4,
    "arms": 5,
}

#: A 64-bit integer cut to 53 bits: a float64 probability times 2^53 is then an exact integer threshold
#: whenever the probability is a float16 (a multiple of 2^-24), so no rounding decides a coin.
_COIN_BITS = 53

#: Entries whose coins are drawn at once (ours): arrays of this size lie in memory that is in use already, while
#: fetching new pages for larger ones takes three times as long as the draws.
_DRAWN_AT_ONCE = 8192


def bit_generator(seed: int, purpose: Purpose, *index: int) -> np.random.PCG64:
    """Return the PCG64 stream of a seed, a purpose and any further indices (a wrap, a row).

    Raises
    ------
    AhasdError
        If the seed is negative.
    """
    if seed < 0:
        raise AhasdError(f"seed is {seed}; must be at least 0")
    return np.random.PCG64(np.random.SeedSequence([_STREAM[purpose], seed, *index]))


def draw_coins(
    probability: npt.NDArray[np.floating], seed: int, purpose: Purpose, *index: int
) -> npt.NDArray[np.bool_]:
    """Draw one coin per entry, True with the entry's probability.

    Parameters
    ----------
    probability
        Probabilities in [0, 1], of one dimension or more.
    seed, purpose, index
        Which stream; see `bit_generator`. With the same stream a larger probability never turns a True
        into a False, which makes results monotone in the acceptance.

    Returns
    -------
    numpy.ndarray
        Booleans in the shape of `probability`.
    """
    generator = bit_generator(seed, purpose, *index)
    coins = np.empty(probability.shape, np.bool_)
    rows = max(1, _DRAWN_AT_ONCE * len(probability) // max(1, probability.size))
    for start in range(0, len(probability), rows):
        part = probability[start : start + rows]
        threshold = np.ldexp(part.astype(np.float64), _COIN_BITS).astype(np.uint64)
        raw = generator.random_raw(part.size).reshape(part.shape)
        coins[start : start + rows] = (raw >> np.uint64(64 - _COIN_BITS)) < threshold
    return coins


def draw_below(generator: np.random.PCG64, limit: int) -> int:
    """Draw an integer in [0, limit) by multiplying and shifting a 64-bit integer."""
    return (int(generator.random_raw()) * limit) >> 64


@dataclass(frozen=True, eq=False)
class CoinSet:
    """The coins of one pass over a trace.

    Parameters
    ----------
    coins
        N×K booleans, True where the token is accepted.
    """

    coins: npt.NDArray[np.bool_]

    @cached_property
    def tails(self) -> list[tuple[int, int]]:
        """Rows with steps after their first rejection, each with the first such step.

        If no row has any (K = 1, or rejections at the last step alone), the last step of every row stands
        in (ours).
        """
        steps = self.coins.shape[1]
        rejected = ~self.coins
        first_step = np.where(rejected.any(axis=1), rejected.argmax(axis=1) + 1, steps)
        rows = np.flatnonzero(first_step < steps)
        if len(rows) == 0:
            return [(row, steps - 1) for row in range(len(self.coins))]
        return list(zip(rows.tolist(), first_step[rows].tolist(), strict=True))
