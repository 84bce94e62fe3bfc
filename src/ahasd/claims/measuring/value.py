"""A figure of ours: its draws over seeds, and its interval."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Draws:
    """A figure seed by seed.

    Attributes
    ----------
    nominal
        With the constants of the presets; one value if seeds do not matter.
    lowest, highest
        At the corners of the energy constants' ranges where the mean is outermost; ``nominal`` for what no energy
        constant moves.
    """

    nominal: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]


def drawn(values: tuple[float, ...]) -> Draws:
    """A figure that no energy constant moves."""
    return Draws(values, values, values)
