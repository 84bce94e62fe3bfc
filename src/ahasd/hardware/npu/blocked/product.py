"""A matrix product as blocks see it: its shape, and the widths and bytes of its operands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """(rows x inputs) by (inputs x outputs), perhaps several alike.

    Bytes are those of one product, each operand once. They are less than shapes times widths where a mask leaves
    pairs out.

    Parameters
    ----------
    rows, inputs, outputs
        M, K and N.
    input_bits, operand_bits
        Width of an element of the inputs, and of what they are multiplied by with its share of the scales.
    input_bytes, operand_bytes, output_bytes
        Of the inputs, of what they are multiplied by, and of the result.
    count
        Products alike that follow each other without a break, such as experts or heads of a layer.
    dealt
        Whether each of them is one chip's, as heads are; else all chips share each.
    rate
        Rows that enter the array in a cycle: 1, or a share where the words are wider than its multipliers.
    """

    rows: int
    inputs: int
    outputs: int
    input_bits: int
    operand_bits: float
    input_bytes: float
    operand_bytes: float
    output_bytes: float
    count: int = 1
    dealt: bool = False
    rate: float = 1.0

    @property
    def compulsory_bytes(self) -> float:
        """Bytes of every operand of one product, once."""
        return self.input_bytes + self.operand_bytes + self.output_bytes
