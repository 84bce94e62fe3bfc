"""The one number by which a side tells the other how far it is."""

from typing import NamedTuple

#: 39 bits of epochs last 17 years at a thousand rejections a second; 24 bits of length, 16 million tokens (ours).
EPOCH_BITS, LENGTH_BITS = 39, 24

MAX_LENGTH = (1 << LENGTH_BITS) - 1


class Word(NamedTuple):
    """What a side has published, in 64 bits: epoch, flag, length from the highest bit down.

    Parameters
    ----------
    epoch
        Which text the length belongs to. The verifier takes a new one for every request and whenever it has put
        a token of its own into the text; epochs never come back. The drafter repeats the one whose text it
        continues. 0 before the first.
    length
        Number of tokens after the prompt that stand in the cells of this side.
    flag
        Of the drafter: it drafts no more until the text changes. Of the verifier: the text is complete.
    """

    epoch: int
    length: int
    flag: bool = False

    def pack(self) -> int:
        """Give the 64-bit number."""
        return self.epoch << (LENGTH_BITS + 1) | self.flag << LENGTH_BITS | self.length


def unpack(number: int) -> Word:
    """Read a word from its 64-bit number."""
    return Word(number >> (LENGTH_BITS + 1), number & MAX_LENGTH, bool(number >> LENGTH_BITS & 1))
