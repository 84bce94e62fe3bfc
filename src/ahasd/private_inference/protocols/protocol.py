"""What every protocol says of itself."""

from typing import Protocol as TypingProtocol

from ahasd.private_inference.protocols.oblivious_transfer import ObliviousTransfer
from ahasd.private_inference.protocols.transfer import Traffic, one_way_trips, payload_bits, wire_bytes


class Protocol(TypingProtocol):
    """A step of two parties whose messages follow from shapes and widths alone."""

    def traffic(self, kind: ObliviousTransfer) -> Traffic:
        """Who sends how much, in order."""


def bits(protocol: Protocol, kind: ObliviousTransfer) -> int:
    """Payload that both parties send."""
    return payload_bits(protocol.traffic(kind))


def socket_bytes(protocol: Protocol, kind: ObliviousTransfer) -> int:
    """Bytes that both parties write, frames included."""
    return wire_bytes(protocol.traffic(kind))


def rounds(protocol: Protocol, kind: ObliviousTransfer) -> float:
    """Round trips if it runs alone."""
    return one_way_trips(protocol.traffic(kind)) / 2
