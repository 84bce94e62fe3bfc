"""Which of the pending batches a verification covers."""

from collections.abc import Sequence


def tokens_covered(ends: Sequence[int], limit: int | None) -> int:
    """Give how many of the pending tokens a verification covers: those of the oldest batch, and what else fits.

    Parameters
    ----------
    ends
        Pending tokens up to the end of each batch, the oldest first; at least one.
    limit
        Tokens up to which it takes more batches than the oldest; 0 for the oldest alone, None for all.
    """
    fitting = [end for end in ends if limit is None or end <= limit]
    return fitting[-1] if fitting else ends[0]
