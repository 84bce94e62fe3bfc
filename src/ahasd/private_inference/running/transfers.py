"""Oblivious transfers from base transfers: IKNP for correlated ones, KK13 for one of many."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.protocols.oblivious_transfer import CODE_BITS, IKNP, SECURITY_BITS, OfMany
from ahasd.private_inference.protocols.transfer import packed
from ahasd.private_inference.running.base_transfer import Seed
from ahasd.private_inference.running.channel import Channel
from ahasd.private_inference.running.hashing import Rows, Stream, hashed_bytes, hashed_words
from ahasd.private_inference.running.ring import Bits, Words, modulo, pack, unpack

#: Words of masks that are made at once (ours): it bounds the memory of a product.
_WORDS_AT_ONCE = 1 << 20

#: Words of a Walsh-Hadamard code: any two differ in half of their 256 bits.
_CODE: Rows = np.packbits(
    np.array(
        [[(word & place).bit_count() & 1 for place in range(CODE_BITS)] for word in range(16)], np.uint8
    ),
    axis=1,
)


def rows_of(columns: bytes, count: int, width: int) -> Rows:
    """Turn columns of bits, each whole bytes, into rows of `width` / 8 bytes."""
    bits = np.unpackbits(np.frombuffer(columns, np.uint8).reshape(width, -1), axis=1)[:, :count]
    return np.ascontiguousarray(np.packbits(bits.T, axis=1))


class Receiving:
    """The receiver's end: for each column it knows both streams."""

    def __init__(self, seeds: Sequence[tuple[Seed, Seed]]) -> None:
        self._streams = [(Stream(zero), Stream(one)) for zero, one in seeds]

    def request(self, chosen: Rows, count: int) -> tuple[bytes, Rows]:
        """Make the message that asks, and the rows that only the receiver knows.

        Parameters
        ----------
        chosen
            Bits of each column (one row for all, or one each), packed along the transfers.
        """
        size = packed(count, 1)
        own, message = [], []
        for place, (zero, one) in enumerate(self._streams):
            kept = zero.next(size)
            bits = chosen[place if len(chosen) > 1 else 0]
            masked = np.frombuffer(kept, np.uint8) ^ np.frombuffer(one.next(size), np.uint8) ^ bits
            own.append(kept)
            message.append(masked.tobytes())
        return b"".join(message), rows_of(b"".join(own), count, len(self._streams))


class Sending:
    """The sender's end: for each column it knows the stream that its secret bit chose."""

    def __init__(self, secret: Sequence[int], seeds: Sequence[Seed]) -> None:
        self._secret = secret
        self._streams = [Stream(seed) for seed in seeds]
        #: The secret as a row.
        self.secret_row: Rows = np.packbits(np.array(secret, np.uint8))

    def rows(self, message: bytes, count: int) -> Rows:
        """Rows that equal the receiver's, or differ from them by its code word where the secret has ones."""
        size = packed(count, 1)
        columns = []
        for place, (bit, stream) in enumerate(zip(self._secret, self._streams, strict=True)):
            column = stream.next(size)
            if bit:
                asked = np.frombuffer(message, np.uint8, size, place * size)
                column = (np.frombuffer(column, np.uint8) ^ asked).tobytes()
            columns.append(column)
        return rows_of(b"".join(columns), count, len(self._streams))


def random_secret(width: int) -> list[int]:
    """Uniform bits."""
    drawn = secrets.randbits(width)
    return [drawn >> place & 1 for place in range(width)]


@dataclass
class CorrelatedReceiver:
    """Receives correlated transfers: r + bit * difference."""

    channel: Channel
    columns: Receiving
    used: int = 0

    def request(self, bits: Bits) -> Rows:
        """Ask with these bits."""
        message, rows = self.columns.request(np.packbits(bits)[None, :], bits.size)
        self.channel.send(message)
        return rows

    def receive(self, bits: Bits, per_transfer: int, widths: Sequence[int]) -> list[Words]:
        """Ask, and receive for each width an equal share of the transfers, `per_transfer` values each."""
        rows = self.request(bits)
        each = bits.size // len(widths)
        data = self.channel.receive(sum(packed(each * per_transfer, width) for width in widths))
        values, start = [], 0
        for place, width in enumerate(widths):
            size = packed(each * per_transfer, width)
            sent = unpack(data[start : start + size], each * per_transfer, width).reshape(each, per_transfer)
            start += size
            first = place * each
            for low, high in _pieces(each, per_transfer):
                masks = hashed_words(rows[first + low : first + high], self.used + first + low, per_transfer)
                chosen = bits[first + low : first + high, None].astype(np.uint64)
                sent[low:high] = modulo(sent[low:high] * chosen + masks, width)
            values.append(sent)
        self.used += bits.size
        return values


@dataclass
class CorrelatedSender:
    """Sends correlated transfers, and keeps r."""

    channel: Channel
    columns: Sending
    used: int = 0

    def send(self, differences: Words, widths: Sequence[int]) -> list[Words]:
        """Answer a request for all differences (transfers x values) once for each width; r for each width."""
        each, per_transfer = differences.shape
        count = each * len(widths)
        rows = self.columns.rows(self.channel.receive(IKNP.correlated_request(count)), count)
        kept, message = [], []
        for place, width in enumerate(widths):
            first = place * each
            own, masked = np.empty_like(differences), np.empty_like(differences)
            for low, high in _pieces(each, per_transfer):
                part, number = rows[first + low : first + high], self.used + first + low
                zero = hashed_words(part, number, per_transfer)
                one = hashed_words(part ^ self.columns.secret_row, number, per_transfer)
                own[low:high] = modulo(zero, width)
                masked[low:high] = modulo(zero + differences[low:high] - one, width)
            kept.append(own)
            message.append(pack(masked, width))
        self.used += count
        self.channel.send(b"".join(message))
        return kept


@dataclass
class ManyReceiver:
    """Receives one of up to 16 messages of at most 8 bits."""

    channel: Channel
    columns: Receiving
    used: int = 0

    def receive(self, choices: Sequence[npt.NDArray[np.uint8]], parts: Sequence[OfMany]) -> list[Bits]:
        """Receive what each part's choices name."""
        every = np.concatenate(list(choices))
        code = np.unpackbits(_CODE[every], axis=1)
        message, rows = self.columns.request(np.packbits(code.T, axis=1), every.size)
        self.channel.send(message)
        sizes = [packed(part.transfers << part.choice_bits, part.message_bits) for part in parts]
        data = self.channel.receive(sum(sizes))
        masks = hashed_bytes(rows, self.used)
        self.used += every.size
        found, at, start = [], 0, 0
        for part, size, chosen in zip(parts, sizes, choices, strict=True):
            table = unpack(data[start : start + size], part.transfers << part.choice_bits, part.message_bits)
            picked = table.reshape(part.transfers, -1)[np.arange(part.transfers), chosen].astype(np.uint8)
            found.append((picked ^ masks[at : at + part.transfers]) & np.uint8((1 << part.message_bits) - 1))
            at, start = at + part.transfers, start + size
        return found


@dataclass
class ManySender:
    """Sends tables of messages of which the peer learns one each."""

    channel: Channel
    columns: Sending
    used: int = 0

    def send(self, tables: Sequence[npt.NDArray[np.uint8]], parts: Sequence[OfMany]) -> None:
        """Answer with a table (transfers x messages) for each part."""
        count = sum(part.transfers for part in parts)
        rows = self.columns.rows(self.channel.receive(IKNP.of_many_request(parts)), count)
        at, message = 0, []
        for part, table in zip(parts, tables, strict=True):
            own, masked = rows[at : at + part.transfers], np.empty_like(table)
            for choice in range(1 << part.choice_bits):
                masks = hashed_bytes(own ^ (_CODE[choice] & self.columns.secret_row), self.used + at)
                masked[:, choice] = (table[:, choice] ^ masks) & np.uint8((1 << part.message_bits) - 1)
            message.append(pack(masked.astype(np.uint64), part.message_bits))
            at += part.transfers
        self.used += count
        self.channel.send(b"".join(message))


def _pieces(transfers: int, per_transfer: int) -> Iterator[tuple[int, int]]:
    step = max(1, _WORDS_AT_ONCE // per_transfer)
    return ((start, min(start + step, transfers)) for start in range(0, transfers, step))


#: Base transfers of one direction: those of the correlated ones and those of many.
BASE_TRANSFERS = SECURITY_BITS + CODE_BITS
