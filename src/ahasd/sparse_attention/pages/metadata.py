"""The least and greatest of each channel of a page's keys, and what they say about any query."""

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

Floats = npt.NDArray[np.floating]


class PageMetadata:
    """Channel-wise bounds of the keys of one head, page by page, as Quest keeps them (arXiv 2406.10774, section 3.3).

    Life cycle: made empty, or with :meth:`of_keys` of a prompt's keys; then :meth:`append` for every further token.

    Parameters
    ----------
    page
        Tokens of a page, at least 1.
    channels
        Of a key.
    """

    def __init__(self, page: int, channels: int) -> None:
        if page < 1 or channels < 1:
            raise AhasdError(
                f"pages of {page} tokens and keys of {channels} channels; both must be at least 1"
            )
        self.page, self.channels, self.tokens = page, channels, 0
        self._least = np.empty((0, channels), np.float64)
        self._greatest = np.empty((0, channels), np.float64)

    @classmethod
    def of_keys(cls, keys: Floats, page: int) -> "PageMetadata":
        """Make it of keys, T×d."""
        found = cls(page, keys.shape[1])
        found._extend(np.asarray(keys, np.float64))
        return found

    def append(self, key: Floats) -> None:
        """Take in the key, d, of the next token: this changes the bounds of the last page, or begins one."""
        self._extend(np.asarray(key, np.float64)[None, :])

    @property
    def least(self) -> npt.NDArray[np.float64]:
        """P×d."""
        return self._least[: self.pages]

    @property
    def greatest(self) -> npt.NDArray[np.float64]:
        """P×d."""
        return self._greatest[: self.pages]

    @property
    def pages(self) -> int:
        """Number P of pages, the last perhaps not full."""
        return -(-self.tokens // self.page)

    def _extend(self, keys: npt.NDArray[np.float64]) -> None:
        self._make_room(self.tokens + len(keys))
        if not len(keys):
            return
        first = self.tokens // self.page
        # The first page may have keys already: it has fewer of these.
        starts = np.maximum(np.arange(first * self.page, self.tokens + len(keys), self.page) - self.tokens, 0)
        touched = slice(first, first + len(starts))
        for bounds, reduce in ((self._least, np.minimum), (self._greatest, np.maximum)):
            bounds[touched] = reduce(bounds[touched], reduce.reduceat(keys, starts, axis=0))
        self.tokens += len(keys)

    def _make_room(self, tokens: int) -> None:
        needed = -(-tokens // self.page)
        if needed > len(self._least):
            # Twice as much each time, so that appending token by token does not copy it all each time.
            more = (max(needed, 2 * len(self._least)) - len(self._least), self.channels)
            self._least = np.vstack([self._least, np.full(more, np.inf)])
            self._greatest = np.vstack([self._greatest, np.full(more, -np.inf)])


def page_bounds(queries: Floats, least: Floats, greatest: Floats) -> npt.NDArray[np.float64]:
    """Bound the product of each query with any key of each page from above: sum over d of max(q least, q greatest).

    A bound is never below the product with a key of the page (exact arithmetic), and is equal to it where a page
    holds one key.

    Parameters
    ----------
    queries
        Q×d.
    least, greatest
        P×d, of the pages' keys.

    Returns
    -------
    ndarray
        Q×P.
    """
    wide = np.asarray(queries, np.float64)
    # A channel's greatest product is at the greatest key where the query is positive, else at the least.
    bound = np.maximum(wide, 0.0) @ np.asarray(greatest, np.float64).T
    bound += np.minimum(wide, 0.0) @ np.asarray(least, np.float64).T
    return np.asarray(bound)
