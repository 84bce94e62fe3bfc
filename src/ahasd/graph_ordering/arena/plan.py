"""A plan of offsets, and how much of it is lost between blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ahasd.errors import AhasdError
from ahasd.graph_ordering.arena.greedy_fit import fit_by_size
from ahasd.graph_ordering.arena.lifetimes import Lifetime, lifetimes
from ahasd.graph_ordering.arena.solved_fit import fit_solved
from ahasd.graph_ordering.peak import live_bytes
from ahasd.graph_ordering.problem import OrderingProblem

#: Blocks that the solver takes on at most (ours: of more it finds nothing better in seconds).
MOST_SOLVED = 400


class Fit(StrEnum):
    """How offsets are chosen."""

    AUTO = "auto"
    """The better of first and best fit."""
    FIRST = "first-fit"
    """The largest first, each as low as it fits."""
    BEST = "best-fit"
    """The largest first, each into the smallest gap."""
    SOLVED = "cp-sat"
    """By OR-Tools' solver, from the better of both."""


@dataclass(frozen=True, slots=True)
class Arena:
    """A plan.

    Attributes
    ----------
    fit
        Whose it is.
    taken, offsets
        When memory is taken and where it begins.
    bytes
        What the arena needs.
    live_bytes
        The most that lives at once, which no arena for this order goes below.
    optimal
        Whether it is proved that none for this order needs less.
    """

    fit: Fit
    taken: tuple[Lifetime, ...]
    offsets: tuple[int, ...]
    bytes: int
    live_bytes: int
    optimal: bool

    @property
    def fragmentation(self) -> float:
        """The share of the arena that no block takes at the peak."""
        return 1 - self.live_bytes / self.bytes if self.bytes else 0.0


def plan_arena(
    problem: OrderingProblem, order: Sequence[int], fit: Fit = Fit.AUTO, seconds: float = 10.0
) -> Arena:
    """Plan offsets for all that lives in an order.

    Parameters
    ----------
    seconds
        Time for the solver.

    Raises
    ------
    AhasdError
        The order is none, or the solver is asked for and is missing or has too many blocks.
    """
    taken, peak = lifetimes(problem, order), live_bytes(problem, order).peak
    found = [
        _arena(name, taken, fit_by_size(taken, name is Fit.BEST), peak)
        for name in (Fit.FIRST, Fit.BEST)
        if fit in (name, Fit.AUTO, Fit.SOLVED)
    ]
    best = min(found, key=lambda arena: arena.bytes)
    if fit is not Fit.SOLVED or best.optimal:
        return best
    if len(taken) > MOST_SOLVED:
        raise AhasdError(
            f"cp-sat takes on at most {MOST_SOLVED} blocks, and there are {len(taken)}; use first-fit or best-fit"
        )
    offsets, proved = fit_solved(taken, peak, best.offsets, seconds)
    return _arena(Fit.SOLVED, taken, offsets, peak, proved)


def _arena(fit: Fit, taken: list[Lifetime], offsets: list[int], peak: int, proved: bool = False) -> Arena:
    size = max((offset + one.bytes for offset, one in zip(offsets, taken, strict=True)), default=0)
    return Arena(fit, tuple(taken), tuple(offsets), size, peak, proved or size == peak)
