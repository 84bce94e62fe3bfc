"""Bit widths of weights, key-value cache and activations, and what they make in bytes."""

from dataclasses import dataclass, fields

from ahasd.errors import AhasdError

ALLOWED_BITS = (4, 8, 16)
"""Integer and floating-point widths that deployed kernels offer (INT4, INT8, FP16/BF16)."""

FINE_PARAMETER_BYTES = 2
"""Bytes of a norm gain or a bias, at every weight width (ours): quantised checkpoints keep them in FP16."""


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
            if type(bits) is not int or bits not in ALLOWED_BITS:
                allowed = ", ".join(str(width) for width in ALLOWED_BITS)
                raise AhasdError(f"{field.name} is {bits!r}; use one of {allowed}")

    def matrix_bytes(self, elements: int) -> int:
        """Bytes of `elements` matrix weights (rounded up to a whole byte)."""
        return bytes_of(elements, self.weight_bits)

    def kv_bytes(self, elements: int) -> int:
        """Bytes of `elements` key or value elements (rounded up to a whole byte)."""
        return bytes_of(elements, self.kv_bits)

    def activation_bytes(self, elements: int) -> int:
        """Bytes of `elements` activations (rounded up to a whole byte)."""
        return bytes_of(elements, self.activation_bits)


def bytes_of(elements: int, bits: int) -> int:
    """Bytes of `elements` values of `bits` each, packed and rounded up to a whole byte."""
    return -(-elements * bits // 8)
