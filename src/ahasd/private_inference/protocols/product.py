"""Products of matrices by correlated transfers (Gilboa, CRYPTO 1999), and who should receive.

The server knows the weights, the client its share of the activations; what the server's share gives, it computes
alone. One of the two feeds the bits of its operand as choices, the other the values of its own as differences: a bit
of weight 2^b needs the difference only modulo 2^(ring - b).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.private_inference.protocols.oblivious_transfer import ObliviousTransfer, correlated
from ahasd.private_inference.protocols.transfer import Party, Traffic, Transfer, packed, payload_bits

#: Bits of the widest ring: shares are 64-bit words, and one bit stays free.
MOST_RING_BITS = 63


@dataclass(frozen=True, slots=True)
class Shape:
    """A product: in each of `groups` parts, a matrix `outputs` x `depth` times one `depth` x `positions`."""

    outputs: int
    depth: int
    positions: int
    groups: int = 1

    def __post_init__(self) -> None:
        if min(self.outputs, self.depth, self.positions, self.groups) < 1:
            raise AhasdError(
                f"a product has no {self.groups} x {self.outputs} x {self.depth} x {self.positions}"
            )

    @property
    def macs(self) -> int:
        """Multiplications."""
        return self.groups * self.outputs * self.depth * self.positions

    def accumulator_bits(self, weight_bits: int, activation_bits: int) -> int:
        """Bits of a ring that holds every sum: signed weights times activations that are not negative.

        The sum is below 2^(weight_bits - 1) * 2^activation_bits * depth in size, and has a sign.
        """
        return weight_bits + activation_bits + (self.depth - 1).bit_length()


@dataclass(frozen=True, slots=True)
class Product:
    """Weights that the server knows times shared activations.

    Attributes
    ----------
    shape
        Of the matrices.
    weight_bits
        Of the weights, which are signed.
    ring_bits
        Of the ring in which activations and result are shared.
    receiver
        Who feeds bits: the server those of its weights, the client those of its share.
    input_bits
        Bits of activations that the client knows whole, as it does its own input; 0 where they are shared.

    Raises
    ------
    AhasdError
        The ring is too wide, or narrower than the weights.
    """

    shape: Shape
    weight_bits: int
    ring_bits: int
    receiver: Party
    input_bits: int = 0

    def __post_init__(self) -> None:
        if self.ring_bits > MOST_RING_BITS:
            raise AhasdError(
                f"a product in a ring of {self.ring_bits} bits does not fit shares of {MOST_RING_BITS} bits; "
                "take narrower weights or activations"
            )
        if not 1 <= self.weight_bits <= self.ring_bits:
            raise AhasdError(f"weights of {self.weight_bits} bits do not fit a ring of {self.ring_bits} bits")

    @property
    def choices(self) -> int:
        """Transfers for each bit of the receiver's operand."""
        shape = self.shape
        return (
            shape.groups * shape.depth * (shape.outputs if self.receiver is Party.SERVER else shape.positions)
        )

    @property
    def choice_bits(self) -> int:
        """Bits of the receiver's operand."""
        return self.weight_bits if self.receiver is Party.SERVER else self.input_bits or self.ring_bits

    def payload(self) -> Sequence[tuple[int, int]]:
        """Values and their bits for each bit of the receiver's operand, the lowest first."""
        return [(self.shape.macs, self.ring_bits - place) for place in range(self.choice_bits)]

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what; with a dealer, what both mask of the matrices that a dealt triple then multiplies."""
        shape = self.shape
        if kind.dealer:
            weights = packed(shape.groups * shape.outputs * shape.depth, self.ring_bits)
            values = packed(shape.groups * shape.depth * shape.positions, self.ring_bits)
            # Of the client's own input the server holds no share.
            masked = weights if self.input_bits else weights + values
            return (Transfer(Party.SERVER, masked), Transfer(Party.CLIENT, values))
        return correlated(kind, self.receiver, self.choices * self.choice_bits, self.payload())


def cheaper_product(
    shape: Shape, weight_bits: int, ring_bits: int, input_bits: int, kind: ObliviousTransfer
) -> Product:
    """Let whoever makes it cheaper receive; the server if both cost the same."""
    both = [Product(shape, weight_bits, ring_bits, receiver, input_bits) for receiver in Party]
    return min(both, key=lambda product: payload_bits(product.traffic(kind)))


@dataclass(frozen=True, slots=True)
class SharedProduct:
    """A product of two shared matrices, as attention has: each party's left share meets the other's right share.

    Attributes
    ----------
    shape
        Of the matrices.
    ring_bits
        Of both operands and the result.
    """

    shape: Shape
    ring_bits: int

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends what: two products in which whoever receives feeds its left share; with a dealer, see above."""
        shape = self.shape
        if kind.dealer:
            elements = shape.groups * shape.depth * (shape.outputs + shape.positions)
            return tuple(Transfer(party, packed(elements, self.ring_bits)) for party in Party)
        one = Product(self.shape, self.ring_bits, self.ring_bits, Party.SERVER)
        count, payload = one.choices * one.choice_bits, one.payload()
        return tuple(t for receiver in Party for t in correlated(kind, receiver, count, payload))
