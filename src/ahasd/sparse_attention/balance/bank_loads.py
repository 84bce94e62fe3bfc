"""What each bank has to do for a layer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class BankLoads:
    """Work of a layer by bank, B banks; all counts.

    Attributes
    ----------
    metadata
        Pages whose least and greatest keys are read.
    standing
        Tokens read whatever is chosen: of dense and streaming heads, and the windows of paged ones.
    chosen
        Tokens read of chosen pages.
    remote
        Of those, the ones that lie at another bank.
    appended, bounded
        Items whose newest key and value are written here, and those whose last page's bounds are.
    kept_tokens, kept_pages
        Tokens, and metadata of pages, that lie here.
    present
        N×B: whether a part of an item's attention is computed here.
    """

    metadata: Floats
    standing: Floats
    chosen: Floats
    remote: Floats
    appended: Floats
    bounded: Floats
    kept_tokens: Floats
    kept_pages: Floats
    present: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, items: int, banks: int) -> "BankLoads":
        """Nothing anywhere, to be filled."""
        a, b, c, d, e, f, g, h = np.zeros((8, banks))
        return cls(a, b, c, d, e, f, g, h, np.zeros((items, banks), np.bool_))

    @property
    def work(self) -> Floats:
        """B: all that is read, in tokens."""
        return self.metadata + self.standing + self.chosen
