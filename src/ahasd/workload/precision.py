"""Bit widths and formats of weights, key-value cache and activations, and what they make in bytes."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.workload.element_type import ElementType
from ahasd.workload.number_format import NumberFormat
from ahasd.workload.stored_weights import OTHER, StoredWeights

#: Integer and floating-point widths that deployed kernels offer (INT4, INT8, FP16/BF16), and what holds them.
TYPE_OF_WIDTH = {4: ElementType.INT4, 8: ElementType.INT8, 16: ElementType.FLOAT16}

#: What a norm gain or a bias is kept as at every weight width (ours): quantised checkpoints keep them in FP16.
FINE_PARAMETER_TYPE = ElementType.FLOAT16


@dataclass(frozen=True, slots=True)
class Precision:
    """Widths at which a model is kept and moved, and formats with scales where something has one.

    A plain width has no scales (groups of 128 with FP16 scales would add 1.6 % to INT8 weights and 3.1 % to INT4
    weights); a format counts them exactly. The width stays beside the format: it is that of the words that are
    multiplied, while bytes are the format's.

    Parameters
    ----------
    weight_bits, kv_bits, activation_bits
        Bits per matrix element, per key or value element, per activation element; each 4, 8 or 16.
    kv_format
        How keys and values are kept, where that is no plain width; `kv_bits` is then its word's.
    weights
        How each matrix is kept, where the model says so; `weight_bits` is then what they count as in the mean.

    Raises
    ------
    AhasdError
        A width is none of 4, 8, 16.
    """

    weight_bits: int = 8
    kv_bits: int = 8
    activation_bits: int = 8
    kv_format: NumberFormat | None = None
    weights: StoredWeights | None = None

    def __post_init__(self) -> None:
        for name in ("weight_bits", "kv_bits", "activation_bits"):
            bits = getattr(self, name)
            if type(bits) is not int or bits not in TYPE_OF_WIDTH:
                allowed = ", ".join(str(width) for width in TYPE_OF_WIDTH)
                raise AhasdError(f"{name} is {bits!r}; use one of {allowed}")

    def storing(self, weights: StoredWeights | None) -> "Precision":
        """The same with weights that are kept as a model says, if it does and this does not yet."""
        if weights is None or self.weights is not None:
            return self
        return Precision(weights.word_bits, self.kv_bits, self.activation_bits, self.kv_format, weights)

    def matrix_type(self, name: str) -> ElementType | NumberFormat:
        """Of the elements of a matrix, by its name in a graph."""
        return TYPE_OF_WIDTH[self.weight_bits] if self.weights is None else self.weights.format_of(name)

    def matrix_bytes(self, elements: int, name: str = OTHER) -> int:
        """Bytes of `elements` weights of a matrix (rounded up to a whole byte)."""
        return self.matrix_type(name).bytes_of(elements)

    @property
    def fine_type(self) -> ElementType | NumberFormat:
        """Of norm gains and biases."""
        kept = None if self.weights is None else self.weights.fine_format
        return FINE_PARAMETER_TYPE if kept is None else kept

    @property
    def kv_type(self) -> ElementType | NumberFormat:
        """Of keys and values in a cache."""
        return TYPE_OF_WIDTH[self.kv_bits] if self.kv_format is None else self.kv_format

    @property
    def activation_type(self) -> ElementType:
        """Of activations."""
        return TYPE_OF_WIDTH[self.activation_bits]

    def kv_bytes(self, elements: int) -> int:
        """Bytes of `elements` key or value elements (rounded up to a whole byte)."""
        return self.kv_type.bytes_of(elements)

    def activation_bytes(self, elements: int) -> int:
        """Bytes of `elements` activations (rounded up to a whole byte)."""
        return self.activation_type.bytes_of(elements)


#: INT8 throughout.
INT8 = Precision()
