"""What one party sends to the other, and what a sequence of such messages takes."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

#: Bytes of a message beside its payload: length and number (4 each) before it, an authentication tag after it.
TAG_BYTES = 16
FRAME_BYTES = 8 + TAG_BYTES


class Party(IntEnum):
    """Who is who: the server holds the weights, the client the input."""

    SERVER = 0
    CLIENT = 1

    @property
    def other(self) -> "Party":
        """The peer."""
        return Party(1 - self)


class Transfer(NamedTuple):
    """A message.

    Attributes
    ----------
    sender
        Who sends it.
    bytes
        Of its payload.
    """

    sender: Party
    bytes: int


Traffic = tuple[Transfer, ...]


def packed(count: int, bits: int) -> int:
    """Bytes of so many values of so many bits, packed without gaps."""
    return -(-count * bits // 8)


def payload_bits(traffic: Iterable[Transfer]) -> int:
    """Bits of all payloads, as the literature counts; each message is whole bytes."""
    return 8 * sum(transfer.bytes for transfer in traffic)


def wire_bytes(traffic: Iterable[Transfer]) -> int:
    """Bytes that both parties write to the socket, frames included."""
    return sum(transfer.bytes + FRAME_BYTES for transfer in traffic)


def one_way_trips(traffic: Iterable[Transfer], after: Party | None = None) -> int:
    """Messages that must wait for one from the other side; two of them make a round.

    Parameters
    ----------
    after
        Who sent last before; what the same party sends on does not wait.
    """
    trips, last = 0, after
    for transfer in traffic:
        trips += transfer.sender is not last
        last = transfer.sender
    return trips
