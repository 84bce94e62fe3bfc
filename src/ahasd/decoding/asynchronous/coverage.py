"""What a verification covers, and when there is enough for one."""

from typing import Literal, get_args

from ahasd.decoding.speculative.drafting_algorithm import AMUSD
from ahasd.errors import UnknownNameError
from ahasd.speculation.coverage import tokens_covered
from ahasd.speculation.drafting.specification import AlgorithmSpec

#: ``pending``: all drafted tokens, from two on (AMUSD, arXiv 2410.17375), or from the end of a batch on; ``batches``:
#: all batches that the policy has ended; ``oldest``: the oldest of them (AHASD, arXiv 2604.25326); ``amusd``: all
#: drafted tokens, from two on, wherever batches end (AMUSD's own rule). A drafter that has stopped is not waited for.
Coverage = Literal["pending", "batches", "oldest", "amusd"]

#: AMUSD verifies once two drafted tokens are ahead of the text.
AMUSD_LEAST = 2


def check_coverage(coverage: Coverage) -> None:
    """Raise UnknownNameError if there is no such coverage."""
    if coverage not in get_args(Coverage):
        raise UnknownNameError("coverage", coverage, get_args(Coverage))


def rule_name(coverage: Coverage, algorithm: AlgorithmSpec) -> str:
    """Give what a run is called: by the algorithm that ends batches, unless that is of no account."""
    return AMUSD if coverage == "amusd" else str(algorithm)


def tokens_ahead(coverage: Coverage, most: int, new_tokens: int, carries_distributions: bool) -> int:
    """Give how far the drafter may run ahead: `most`, but that AMUSD sets no limit (where memory allows that)."""
    return max(most, new_tokens) if coverage == "amusd" and not carries_distributions else most


def tokens_to_verify(coverage: Coverage, ends: list[bool], stopped: bool) -> int:
    """Give how many of the pending tokens to verify now; 0 to wait for more.

    Parameters
    ----------
    ends
        Of every pending token, whether a batch ends with it.
    stopped
        Whether the drafter drafts no more until it gets a verdict.
    """
    if coverage == "pending":
        return len(ends) if stopped or len(ends) >= AMUSD_LEAST or any(ends) else 0
    if coverage == "amusd":
        return len(ends) if stopped or len(ends) >= AMUSD_LEAST else 0
    closed = [place + 1 for place, ends_batch in enumerate(ends) if ends_batch]
    if closed:
        return tokens_covered(closed, limit=0 if coverage == "oldest" else None)
    return len(ends) if stopped else 0
