"""Shares as words of 64 bits, and as the packed bits that go on the wire."""

import secrets

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.protocols.transfer import packed

Words = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]

#: Values that are unpacked to bits at once, a multiple of 8 so that pieces end at whole bytes (ours).
_PIECE = 1 << 16


def modulo(values: Words, bits: int) -> Words:
    """Cut to a ring of so many bits."""
    return values & np.uint64((1 << bits) - 1)


def from_signed(values: npt.NDArray[np.int64], bits: int) -> Words:
    """Bring signed values into a ring."""
    return modulo(values.astype(np.int64).view(np.uint64), bits)


def to_signed(values: Words, bits: int) -> npt.NDArray[np.int64]:
    """Read a ring's values as signed ones."""
    unused = np.uint64(64 - bits)
    return (values << unused).view(np.int64) >> np.int64(64 - bits)


def pack(values: Words, bits: int) -> bytes:
    """Lay values out without gaps, the first bit of each the highest."""
    flat = values.reshape(-1)
    pieces = []
    size = -(-bits // 8)
    for start in range(0, flat.size, _PIECE):
        words = flat[start : start + _PIECE].astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - size :]
        pieces.append(np.packbits(np.unpackbits(words, axis=1)[:, 8 * size - bits :]).tobytes())
    return b"".join(pieces)


def unpack(data: bytes, count: int, bits: int) -> Words:
    """Read what `pack` wrote; the caller has seen to the length."""
    assert len(data) == packed(count, bits), "the length of a message is checked before it is unpacked"
    raw, result = np.frombuffer(data, np.uint8), np.empty(count, np.uint64)
    for start in range(0, count, _PIECE):
        held = min(_PIECE, count - start)
        piece = np.unpackbits(raw[start * bits // 8 : start * bits // 8 + packed(held, bits)])[: held * bits]
        wide = np.zeros((held, 64), np.uint8)
        wide[:, 64 - bits :] = piece.reshape(held, bits)
        result[start : start + held] = np.packbits(wide, axis=1).view(">u8").reshape(-1)
    return result


def random_words(count: int, bits: int) -> Words:
    """Uniform values of a ring, from the system's generator."""
    return modulo(np.frombuffer(secrets.token_bytes(8 * count), np.uint64), bits)


def random_bits(count: int) -> Bits:
    """Uniform bits, a byte each."""
    return np.frombuffer(secrets.token_bytes(count), np.uint8) & np.uint8(1)
