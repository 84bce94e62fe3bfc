"""How one element of a value is kept, and what many of them take."""

from enum import StrEnum
from typing import Self


class ElementType(StrEnum):
    """Type of the elements of a value; INT4 and INT8 stand for every format of their width.

    Attributes
    ----------
    bits
        Width of an element.
    """

    bits: int

    INT4 = "int4", 4
    INT8 = "int8", 8
    INT32 = "int32", 32
    INT64 = "int64", 64
    FLOAT16 = "float16", 16
    FLOAT32 = "float32", 32

    def __new__(cls, name: str, bits: int) -> Self:
        """Make a member of its name, as a string, and its width."""
        member = str.__new__(cls, name)
        member._value_, member.bits = name, bits
        return member

    def bytes_of(self, elements: int) -> int:
        """Bytes of so many elements, packed and rounded up to a whole byte."""
        return -(-elements * self.bits // 8)
