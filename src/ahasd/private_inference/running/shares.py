"""The protocols on one party's shares; each class is one side, and calls match message for message."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from ahasd.private_inference.protocols.activation import MaximumPool, Relu
from ahasd.private_inference.protocols.comparison import Carry
from ahasd.private_inference.protocols.conversion import BitToNumber, Extension, Sign, Truncation
from ahasd.private_inference.protocols.oblivious_transfer import OfMany
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running.comparison_tree import digits_of, less_and_equal, node_groups, operands
from ahasd.private_inference.running.ring import Bits, Words, modulo, random_bits
from ahasd.private_inference.running.session import ClientTransfers, ServerTransfers

_ONE = np.uint64(1)
_BIT = np.uint8(1)


def bit_of(values: Words, place: int) -> Bits:
    """A bit of each value."""
    return (values >> np.uint64(place) & _ONE).astype(np.uint8)


class Shares(ABC):
    """One party's side of every protocol on flat arrays of shares."""

    party: Party

    @abstractmethod
    def carry(self, protocol: Carry, values: Words) -> Bits:
        """Share the carry out of the lowest bits of both shares' sum."""

    @abstractmethod
    def number(self, protocol: BitToNumber, bits: Bits) -> Words:
        """Share a bit, shared by exclusive or, as a number."""

    @abstractmethod
    def either(self, bits: Bits, width: int) -> Words:
        """Share, as a number, whether this party's bit or the other's is set."""

    @abstractmethod
    def selected(self, values: Words, bits: Bits, width: int) -> Words:
        """Share the values times the shared bits."""

    def extended(self, protocol: Extension, values: Words) -> Words:
        """Bring shares into a wider ring; into a narrower one by cutting."""
        start, end = protocol.from_bits, protocol.to_bits
        if end <= start:
            return modulo(values, end)
        half = np.uint64(1 << (start - 1))
        if protocol.sign is Sign.NON_NEGATIVE:
            wraps = self.either(bit_of(values, start - 1), protocol.added_bits)
        else:
            if protocol.sign is Sign.SIGNED and self.party is Party.SERVER:
                values = modulo(values + half, start)
            carry = self.carry(Carry(protocol.elements, start), values)
            wraps = self.number(BitToNumber(protocol.elements, protocol.added_bits), carry)
        wide = values - (wraps << np.uint64(start))
        if protocol.sign is Sign.SIGNED and self.party is Party.SERVER:
            wide = wide - half
        return modulo(wide, end)

    def truncated(self, protocol: Truncation, values: Words) -> Words:
        """Drop low bits, rounding down."""
        if protocol.shift == 0:
            return modulo(values, protocol.to_bits)
        carry = self.carry(Carry(protocol.elements, protocol.shift), values)
        number = self.number(BitToNumber(protocol.elements, protocol.to_bits), carry)
        return modulo((values >> np.uint64(protocol.shift)) + number, protocol.to_bits)

    def relu(self, protocol: Relu, values: Words) -> Words:
        """Share the values that are not negative, and zero for the others."""
        top = protocol.bits - 1
        sign = bit_of(values, top) ^ self.carry(Carry(protocol.elements, top), values)
        positive = sign ^ np.uint8(self.party is Party.SERVER)
        return self.selected(values, positive, protocol.bits)

    def maximum(self, protocol: MaximumPool, windows: Words) -> Words:
        """Share the maximum of each window (outputs x window)."""
        for stage in protocol.stages():
            pairs = stage.elements // protocol.outputs
            left, right = windows[:, :pairs], windows[:, pairs : 2 * pairs]
            above = self.relu(stage, modulo(left - right, protocol.bits).reshape(-1))
            met = modulo(above.reshape(left.shape) + right, protocol.bits)
            windows = np.concatenate([met, windows[:, 2 * pairs :]], axis=1)
        return windows[:, 0]


class ServerShares(Shares):
    """The server's side."""

    party = Party.SERVER

    def __init__(self, transfers: ServerTransfers) -> None:
        self.transfers = transfers

    def carry(self, protocol: Carry, values: Words) -> Bits:
        """See `Shares`: the server's messages are masked by bits that become its share."""
        if protocol.bits == 0:
            return np.zeros(values.size, np.uint8)
        digits = digits_of(values, protocol.bits)
        less, equal, tables = [], [], []
        for digit, part in zip(digits, protocol.leaves(), strict=True):
            other = np.arange(1 << part.choice_bits, dtype=np.uint8)[None, :]
            own_less, own_equal = random_bits(digit.size), random_bits(digit.size)
            table = (other < digit[:, None]).astype(np.uint8) ^ own_less[:, None]
            if part.message_bits == 2:
                same = (other == digit[:, None]).astype(np.uint8) ^ own_equal[:, None]
                table = table << _BIT | same
            less.append(own_less)
            equal.append(own_equal)
            tables.append(table)
        self.transfers.many.send(tables, protocol.leaves())
        for level in protocol.levels():
            less, equal = self._joined(less, equal, level)
        return less[0]

    def _joined(
        self, less: list[Bits], equal: list[Bits], level: Sequence[OfMany]
    ) -> tuple[list[Bits], list[Bits]]:
        """One level of the tree: for every choice of the client's bits, what the node gives."""
        pairs = len(less) // 2
        tables, new_less, new_equal = [], [], []
        for part, nodes in zip(level, node_groups(pairs), strict=True):
            low_less, high_less, low_equal, high_equal = operands(less, equal, nodes)
            choices = np.arange(1 << part.choice_bits, dtype=np.uint8)[None, :]
            places = np.uint8(part.choice_bits - 1)
            same_above = high_equal[:, None] ^ (choices >> places & _BIT)
            own_less, own_equal = random_bits(part.transfers), random_bits(part.transfers)
            table = (same_above & (low_less[:, None] ^ (choices >> (places - _BIT) & _BIT))) ^ own_less[
                :, None
            ]
            if part.message_bits == 2:
                same = same_above & (low_equal[:, None] ^ (choices & _BIT))
                table = table << _BIT | same ^ own_equal[:, None]
            tables.append(table)
            new_less += np.split(own_less ^ high_less, len(nodes))
            new_equal += np.split(own_equal, len(nodes))
        self.transfers.many.send(tables, level)
        return new_less + less[2 * pairs :], new_equal + equal[2 * pairs :]

    def number(self, protocol: BitToNumber, bits: Bits) -> Words:
        """See `Shares`: b0 + b1 - 2 b0 b1."""
        own = bits.astype(np.uint64)
        kept = self._offer(np.uint64(0) - np.uint64(2) * own, protocol.bits)
        return modulo(own - kept, protocol.bits)

    def either(self, bits: Bits, width: int) -> Words:
        """See `Shares`: b0 + b1 - b0 b1."""
        own = bits.astype(np.uint64)
        return modulo(own - self._offer(np.uint64(0) - own, width), width)

    def selected(self, values: Words, bits: Bits, width: int) -> Words:
        """See `Shares`: each party's value times both bits."""
        own = bits.astype(np.uint64)
        kept = self._offer(values - np.uint64(2) * own * values, width)
        (taken,) = self.transfers.correlated_receiver.receive(bits, 1, [width])
        return modulo(own * values - kept + taken[:, 0], width)

    def _offer(self, differences: Words, width: int) -> Words:
        (kept,) = self.transfers.correlated_sender.send(modulo(differences, width)[:, None], [width])
        return kept[:, 0]


class ClientShares(Shares):
    """The client's side."""

    party = Party.CLIENT

    def __init__(self, transfers: ClientTransfers) -> None:
        self.transfers = transfers

    def carry(self, protocol: Carry, values: Words) -> Bits:
        """See `Shares`: the sum carries where the server's share is above the complement of the client's."""
        if protocol.bits == 0:
            return np.zeros(values.size, np.uint8)
        digits = digits_of(np.uint64((1 << protocol.bits) - 1) - modulo(values, protocol.bits), protocol.bits)
        parts = protocol.leaves()
        less, equal = less_and_equal(self.transfers.many.receive(digits, parts), parts)
        for level in protocol.levels():
            less, equal = self._joined(less, equal, level)
        return less[0]

    def _joined(
        self, less: list[Bits], equal: list[Bits], level: Sequence[OfMany]
    ) -> tuple[list[Bits], list[Bits]]:
        pairs = len(less) // 2
        choices, above = [], []
        for part, nodes in zip(level, node_groups(pairs), strict=True):
            low_less, high_less, low_equal, high_equal = operands(less, equal, nodes)
            choice = high_equal << _BIT | low_less
            choices.append(choice << _BIT | low_equal if part.choice_bits == 3 else choice)
            above += np.split(high_less, len(nodes))
        received = self.transfers.many.receive(choices, level)
        new_less: list[Bits] = []
        new_equal: list[Bits] = []
        for part, bits, nodes in zip(level, received, node_groups(pairs), strict=True):
            part_less, part_equal = less_and_equal([bits], [part])
            new_less += np.split(part_less[0], len(nodes))
            new_equal += np.split(part_equal[0], len(nodes))
        new_less = [bits ^ high for bits, high in zip(new_less, above, strict=True)]
        return new_less + less[2 * pairs :], new_equal + equal[2 * pairs :]

    def number(self, protocol: BitToNumber, bits: Bits) -> Words:
        """See `Shares`."""
        return self._added(bits, protocol.bits)

    def either(self, bits: Bits, width: int) -> Words:
        """See `Shares`."""
        return self._added(bits, width)

    def selected(self, values: Words, bits: Bits, width: int) -> Words:
        """See `Shares`."""
        own = bits.astype(np.uint64)
        (taken,) = self.transfers.correlated_receiver.receive(bits, 1, [width])
        differences = modulo(values - np.uint64(2) * own * values, width)
        (kept,) = self.transfers.correlated_sender.send(differences[:, None], [width])
        return modulo(own * values - kept[:, 0] + taken[:, 0], width)

    def _added(self, bits: Bits, width: int) -> Words:
        (taken,) = self.transfers.correlated_receiver.receive(bits, 1, [width])
        return modulo(bits.astype(np.uint64) + taken[:, 0], width)
