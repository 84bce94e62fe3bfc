"""Bit widths of weights, key-value cache and activations, and what they make in bytes."""

from dataclasses import dataclass, fields

from ahasd.errors import AhasdError
from ahasd.workload.element_type import ElementType

#: Integer and floating-point widths that deployed kernels offer (INT4, INT8, FP16/BF16), and what holds them.
TYPE_OF_WIDTH = {4: ElementType.INT4, 8: ElementType.INT8, 16: ElementType.FLOAT16}

#: What a norm gain or a bias is kept as at every weight width (ours): quantised checkpoints keep them in FP16.
FINE_PARAMETER_TYPE = ElementType.FLOAT16


@dataclass(frozen=True, slots=True)
class Precision:
    """Widths at which a model is kept and moved.

    Scales and zero points of a quantised format are not counted (ours; groups of 128 would add 1.6 % to
    INT8 weights and 3.1 % to INT4 weights with FP16 scales).

    Parameters
    ----------
    weight_bits, kv_bits, activation_bits
        Bits per matrix element, per key or value element, per activation element; each 4, 8 or 16.

    Raises
    ------
    AhasdError
        A width is none of 4, 8, 16.
    """

    weight_bits: int = 8
    kv_bits: int = 8
    activation_bits: int = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            bits = getattr(self, field.name)
            if type(bits) is not int or bits not in TYPE_OF_WIDTH:
                allowed = ", ".join(str(width) for width in TYPE_OF_WIDTH)
                raise AhasdError(f"{field.name} is {bits!r}; use one of {allowed}")

    @property
    def weight_type(self) -> ElementType:
        """Of matrix elements."""
        return TYPE_OF_WIDTH[self.weight_bits]

    @property
    def kv_type(self) -> ElementType:
        """Of keys and values in a cache."""
        return TYPE_OF_WIDTH[self.kv_bits]

    @property
    def activation_type(self) -> ElementType:
        """Of activations."""
        return TYPE_OF_WIDTH[self.activation_bits]

    def matrix_bytes(self, elements: int) -> int:
        """Bytes of `elements` matrix weights (rounded up to a whole byte)."""
        return self.weight_type.bytes_of(elements)

    def kv_bytes(self, elements: int) -> int:
        """Bytes of `elements` key or value elements (rounded up to a whole byte)."""
        return self.kv_type.bytes_of(elements)

    def activation_bytes(self, elements: int) -> int:
        """Bytes of `elements` activations (rounded up to a whole byte)."""
        return self.activation_type.bytes_of(elements)


#: INT8 throughout.
INT8 = Precision()
