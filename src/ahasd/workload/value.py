"""What the nodes of a graph read and write."""

from enum import StrEnum
from math import prod
from typing import NamedTuple

from ahasd.errors import AhasdError
from ahasd.workload.element_type import ElementType
from ahasd.workload.number_format import NumberFormat


class ValueKind(StrEnum):
    """Where a value comes from and where it goes."""

    INPUT = "input"
    """Given to the graph."""
    CONSTANT = "constant"
    """A weight, a table, a gain: the same in every run."""
    ACTIVATION = "activation"
    """Made by a node for others."""
    OUTPUT = "output"
    """Made by a node, and what the graph is run for."""


class Value(NamedTuple):
    """What nodes read and at most one of them writes.

    Attributes
    ----------
    name
        Its own in the graph.
    kind
        Where it comes from and where it goes.
    bytes
        What it takes.
    shape, element_type
        Lengths of its axes in elements, and what one is kept as; None where only the bytes are known.
    alias_of
        The value in whose memory it lies, for a view of another or a cache that is written in place.
    """

    name: str
    kind: ValueKind
    bytes: int
    shape: tuple[int, ...] | None = None
    element_type: ElementType | NumberFormat | None = None
    alias_of: str | None = None

    @property
    def elements(self) -> int:
        """Elements of a value whose shape is known.

        Raises
        ------
        AhasdError
            It is not.
        """
        if self.shape is None:
            raise AhasdError(f"of {self.name} only the bytes are known, not the shape")
        return prod(self.shape)


def tensor(
    name: str,
    kind: ValueKind,
    shape: tuple[int, ...],
    element_type: ElementType | NumberFormat,
    alias_of: str | None = None,
) -> Value:
    """Make a value whose bytes follow from its shape."""
    return Value(name, kind, element_type.bytes_of(prod(shape)), shape, element_type, alias_of)
