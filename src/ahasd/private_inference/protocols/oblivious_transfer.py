"""Bytes of oblivious transfer, of which all protocols here are made.

In a *correlated* transfer the receiver has a bit, the sender a difference; they end with ``r`` and ``r + bit *
difference``. In a transfer *of many* the receiver learns one of up to 16 short messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahasd.errors import UnknownNameError
from ahasd.private_inference.protocols.transfer import Party, Traffic, Transfer, packed

#: Computational security, bits: the columns of IKNP (Ishai et al., CRYPTO 2003); those of KK13 (Kolesnikov and
#: Kumaresan, CRYPTO 2013) are twice as many, words of a Walsh-Hadamard code that differ in half of them.
SECURITY_BITS = 128
CODE_BITS = 256

#: Messages of a transfer of many at most: 4-bit digits, as CrypTFlow2 takes (Rathee et al., CCS 2020).
MOST_MESSAGES = 16


@dataclass(frozen=True, slots=True)
class ObliviousTransfer:
    """What the receiver of a transfer sends first.

    Attributes
    ----------
    name
        As users call it.
    correlated_bits
        For a correlated transfer.
    of_many_bits
        For a transfer of many, per bit of the choice if `by_choice_bit`.
    runs
        Whether it is implemented here; the others are models of bytes.
    dealer
        Whether a third party, whom both trust, deals correlations and triples of matrices; what it sends is not
        counted.
    """

    name: str
    correlated_bits: int
    of_many_bits: int
    by_choice_bit: bool = False
    runs: bool = True
    dealer: bool = False

    def correlated_request(self, count: int) -> int:
        """Bytes for so many correlated transfers; columns are whole bytes."""
        return self.correlated_bits * packed(count, 1)

    def of_many_request(self, counts: Sequence["OfMany"]) -> int:
        """Bytes for transfers of many, all in one request."""
        if self.by_choice_bit:
            return sum(self.of_many_bits * packed(part.transfers * part.choice_bits, 1) for part in counts)
        return self.of_many_bits * packed(sum(part.transfers for part in counts), 1)


class OfMany(NamedTuple):
    """Equal transfers of many: how many, bits of a choice, and bits of a message."""

    transfers: int
    choice_bits: int
    message_bits: int


IKNP = ObliviousTransfer("iknp", SECURITY_BITS, CODE_BITS)
#: Ferret (Yang et al., CCS 2020) and its kind: correlations grow from a short seed and are corrected by a bit; with
#: what the seed takes, 2 bits for each (ours, rounded up). A transfer of many takes one for each bit of its choice.
SILENT = ObliviousTransfer("silent", 2, 2, by_choice_bit=True, runs=False)

#: Beaver's way (STOC 1995; SEMI2K of SecretFlow-SPU for products): a dealt random transfer is turned into the wanted
#: one by a bit for each bit of the choice.
DEALER = ObliviousTransfer("dealer", 1, 1, by_choice_bit=True, runs=False, dealer=True)

KINDS = {kind.name: kind for kind in (IKNP, SILENT, DEALER)}


def oblivious_transfer_named(name: str) -> ObliviousTransfer:
    """Find one by name.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in KINDS:
        raise UnknownNameError("oblivious transfer", name, KINDS)
    return KINDS[name]


def correlated(
    kind: ObliviousTransfer, receiver: Party, count: int, payload: Sequence[tuple[int, int]]
) -> Traffic:
    """Correlated transfers, all at once: the request, and the corrections as (values, bits) lists."""
    if count == 0:
        return ()
    return (
        Transfer(receiver, kind.correlated_request(count)),
        Transfer(receiver.other, sum(packed(values, bits) for values, bits in payload)),
    )


def of_many(kind: ObliviousTransfer, parts: Sequence[OfMany]) -> Traffic:
    """Transfers of many, all at once; the client chooses."""
    return (
        Transfer(Party.CLIENT, kind.of_many_request(parts)),
        Transfer(
            Party.SERVER,
            sum(packed(part.transfers * 2**part.choice_bits, part.message_bits) for part in parts),
        ),
    )
