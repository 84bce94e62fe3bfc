"""How a head reads its context."""

from enum import IntEnum


class HeadClass(IntEnum):
    """What a key-value head, with the query heads that share it, reads in a step.

    Attributes
    ----------
    DENSE
        All tokens.
    PAGED
        The first and the last tokens, and those pages in between whose bound says that they may matter: H2EAL's
        dynamic sparsity (arXiv 2508.16653), Quest's selection (arXiv 2406.10774).
    STREAMING
        The first and the last tokens alone: H2EAL's static sparsity, DuoAttention's streaming heads (arXiv
        2410.10819).
    """

    DENSE = 0
    PAGED = 1
    STREAMING = 2
