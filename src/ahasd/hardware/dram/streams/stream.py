"""Request streams: which bank, which row, read or write."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ahasd.errors import AhasdError

#: Requests of a period of mixed reads and writes (ours): so many that the share of turnarounds settles to about 1 %.
_PATTERN_REQUESTS = 4096


@dataclass(frozen=True, slots=True)
class RequestStream:
    """A sequential stream over all banks of a channel.

    Request i goes to bank i mod banks; a bank's row is visited for ``bursts_per_row_visit`` requests, then the
    next row. Reads and writes are drawn in a fixed, seeded order with exactly the wished share.

    Attributes
    ----------
    requests
        Number of bursts.
    read_share
        Share of reads, 0 to 1.
    bursts_per_row_visit
        Bursts that a row serves before the stream leaves it.
    staggered
        Banks reach the ends of their rows one after another (true) or all together (false, plain addresses).
    seed
        Of the order of reads and writes.
    """

    requests: int
    read_share: float = 1.0
    bursts_per_row_visit: int = 64
    staggered: bool = True
    seed: int = field(default=0)

    def __post_init__(self) -> None:
        if self.requests < 0:
            raise AhasdError(f"request stream: requests must not be negative, not {self.requests}")
        if not 0 <= self.read_share <= 1:
            raise AhasdError(f"request stream: read_share must be between 0 and 1, not {self.read_share}")
        if self.bursts_per_row_visit < 1:
            raise AhasdError(
                f"request stream: bursts_per_row_visit must be at least 1, not {self.bursts_per_row_visit}"
            )

    def pattern(self, banks: int) -> "StreamPattern":
        """Lay out one period of the stream."""
        return _pattern(self.read_share, self.bursts_per_row_visit, self.staggered, self.seed, banks)


@dataclass(frozen=True, slots=True)
class StreamPattern:
    """One period of a stream; request i of the stream is request ``i % period`` of it.

    Attributes
    ----------
    period
        Requests after which banks, row ends and directions repeat.
    rows_per_period
        Rows that a bank advances in a period.
    banks
        Banks that the stream visits in turn.
    row
        Row of each request, counted from the period's begin.
    is_write
        Direction of each request.
    """

    period: int
    rows_per_period: int
    banks: int
    row: tuple[int, ...]
    is_write: tuple[bool, ...]


@lru_cache(maxsize=64)
def _pattern(read_share: float, visit: int, staggered: bool, seed: int, banks: int) -> StreamPattern:
    mixed = 0 < read_share < 1
    rows = -(-_PATTERN_REQUESTS // (banks * visit)) if mixed else 1
    period = rows * banks * visit
    offsets = [_offset(bank, banks, visit) if staggered else 0 for bank in range(banks)]
    row = tuple((i // banks + offsets[i % banks]) // visit for i in range(period))
    writes = np.zeros(period)
    writes[: period - round(period * read_share)] = True
    if mixed:
        np.random.Generator(np.random.PCG64(seed)).shuffle(writes)
    return StreamPattern(period, rows, banks, row, tuple(bool(write) for write in writes))


def _offset(bank: int, banks: int, visit: int) -> int:
    """Bursts by which a bank is ahead, so that row ends spread evenly over the banks."""
    return bank * visit // banks if banks <= visit else (bank // -(-banks // visit)) % visit
