"""Cells that searches have found, as data.

A cell has two inputs, 0 (what the cell before the last one made) and 1 (what the last one made), and nodes from 2 on,
each the sum of two operations on earlier ones. NASNet-A: arXiv 1707.07012, figure 4. AmoebaNet-A: arXiv 1802.01548,
figure 5. PNASNet-5: arXiv 1712.00559, figure 1. DARTS (second order, V2): arXiv 1806.09055, figures 4 and 5.
"""

from typing import NamedTuple

#: An operation, and the number of what it reads.
Edge = tuple[str, int]


class Cell(NamedTuple):
    """A cell: by node the two operations that it sums, and the numbers of what is concatenated at its end."""

    nodes: tuple[tuple[Edge, Edge], ...]
    concatenated: tuple[int, ...]


class Genotype(NamedTuple):
    """A cell that keeps the resolution, and one that halves it: there, what reads an input has stride 2."""

    normal: Cell
    reduction: Cell


NASNET_A = Genotype(
    Cell(
        (
            (("separable 5", 1), ("separable 3", 0)),
            (("separable 5", 0), ("separable 3", 0)),
            (("pool 3", 1), ("skip", 0)),
            (("pool 3", 0), ("pool 3", 0)),
            (("separable 3", 1), ("skip", 1)),
        ),
        (0, 2, 3, 4, 5, 6),
    ),
    Cell(
        (
            (("separable 5", 1), ("separable 7", 0)),
            (("pool 3", 1), ("separable 7", 0)),
            (("pool 3", 1), ("separable 5", 0)),
            (("skip", 3), ("pool 3", 2)),
            (("separable 3", 2), ("pool 3", 1)),
        ),
        (3, 4, 5, 6),
    ),
)

AMOEBANET_A = Genotype(
    Cell(
        (
            (("pool 3", 0), ("pool 3", 0)),
            (("skip", 0), ("pool 3", 1)),
            (("separable 3", 2), ("separable 5", 1)),
            (("separable 3", 2), ("skip", 1)),
            (("pool 3", 4), ("separable 3", 0)),
        ),
        (3, 5, 6),
    ),
    Cell(
        (
            (("pool 3", 0), ("separable 3", 1)),
            (("pool 3", 1), ("pool 3", 0)),
            (("pool 3", 0), ("separable 7", 2)),
            (("separable 7", 0), ("pool 3", 1)),
            (("separable 3", 3), ("rows and columns 7", 0)),
        ),
        (4, 5, 6),
    ),
)

_PNAS = Cell(
    (
        (("separable 5", 0), ("pool 3", 0)),
        (("separable 7", 1), ("pool 3", 1)),
        (("separable 5", 1), ("separable 3", 1)),
        (("separable 3", 4), ("pool 3", 1)),
        (("separable 3", 0), ("skip", 1)),
    ),
    (2, 3, 4, 5, 6),
)
PNASNET_5 = Genotype(_PNAS, _PNAS)

DARTS_V2 = Genotype(
    Cell(
        (
            (("separable 3", 0), ("separable 3", 1)),
            (("separable 3", 0), ("separable 3", 1)),
            (("separable 3", 1), ("skip", 0)),
            (("skip", 0), ("dilated 3", 2)),
        ),
        (2, 3, 4, 5),
    ),
    Cell(
        (
            (("pool 3", 0), ("pool 3", 1)),
            (("skip", 2), ("pool 3", 1)),
            (("pool 3", 0), ("skip", 2)),
            (("skip", 2), ("pool 3", 1)),
        ),
        (2, 3, 4, 5),
    ),
)
