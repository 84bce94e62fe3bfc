"""Pseudo-random bytes for the transfers: AES in counter mode, and hashes that keep correlations hidden."""

from hashlib import sha256

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

Rows = npt.NDArray[np.uint8]

ROW_BYTES = 16

#: The key of the public permutation: any will do; digits of pi.
_PERMUTATION = Cipher(
    algorithms.AES(bytes.fromhex("243f6a8885a308d313198a2e03707344")),
    modes.ECB(),
)


class Stream:
    """Pseudo-random bytes from a seed, in order: AES-128 in counter mode."""

    def __init__(self, seed: bytes) -> None:
        self._encryptor: CipherContext = Cipher(algorithms.AES(seed), modes.CTR(bytes(16))).encryptor()

    def next(self, count: int) -> bytes:
        """The next bytes."""
        return self._encryptor.update(bytes(count))


def _permuted(blocks: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    raw = _PERMUTATION.encryptor().update(np.ascontiguousarray(blocks).tobytes())
    return np.frombuffer(raw, np.uint64).reshape(blocks.shape)


def hashed_words(rows: Rows, first: int, words: int) -> npt.NDArray[np.uint64]:
    """Hash each row to so many words of 64 bits.

    TMMO of Guo, Katz, Wang and Yu (IEEE S&P 2020): pi(pi(x) ^ tweak) ^ pi(x), where a tweak is the number of the
    transfer and that of the block.

    Parameters
    ----------
    rows
        16 bytes each.
    first
        Number of the first transfer; none is used twice under the same secret.
    """
    once = _permuted(rows.view(np.uint64).reshape(-1, 2))
    blocks = -(-words // 2)
    tweaked = np.repeat(once[:, None, :], blocks, axis=1)
    tweaked[:, :, 0] ^= np.arange(first, first + len(rows), dtype=np.uint64)[:, None]
    tweaked[:, :, 1] ^= np.arange(blocks, dtype=np.uint64)
    result = _permuted(tweaked) ^ once[:, None, :]
    return result.reshape(len(rows), 2 * blocks)[:, :words]


def hashed_bytes(rows: Rows, first: int) -> npt.NDArray[np.uint8]:
    """Hash each row of 32 bytes to one byte, with SHA-256 under the number of its transfer."""
    raw, size = np.ascontiguousarray(rows).tobytes(), rows.shape[1]
    numbers = range(first, first + len(rows))
    return np.frombuffer(
        bytes(
            sha256(raw[start : start + size] + number.to_bytes(8, "big")).digest()[0]
            for start, number in zip(range(0, len(raw), size), numbers, strict=True)
        ),
        np.uint8,
    )
