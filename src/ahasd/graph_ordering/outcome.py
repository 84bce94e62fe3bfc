"""All that is asked of a graph: an order, what others reach, where its blocks lie, what it spills."""

from dataclasses import dataclass
from time import process_time

from ahasd.graph_ordering.arena.plan import Arena, Fit, plan_arena
from ahasd.graph_ordering.order import SECONDS, Method, Ordering, available_methods, find_order
from ahasd.graph_ordering.peak import LiveBytes, live_bytes
from ahasd.graph_ordering.problem import Aliases, OrderingProblem
from ahasd.graph_ordering.spill import Spill, spill
from ahasd.hardware.preset.hardware import Hardware


@dataclass(frozen=True, slots=True)
class Timed:
    """An order of a method, and the CPU time that it took."""

    method: Method
    ordering: Ordering
    seconds: float


@dataclass(frozen=True, slots=True)
class Scratchpad:
    """Memory that is faster than the module, and whose machine that is.

    Attributes
    ----------
    bytes
        What it holds.
    preset
        Name of the machine.
    hardware
        The machine.
    """

    bytes: int
    preset: str
    hardware: Hardware


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes
    ----------
    name
        Of the graph.
    problem, aliases
        What was ordered, and where values lie.
    asked
        The method that was asked for.
    chosen, given, reverse_post_order
        Its order, and the two that it is held against.
    live, given_live
        Their staircases.
    compared
        Every method, where that was asked for.
    arena
        Offsets for the chosen order.
    scratchpad, spilled, given_spilled
        Where a scratchpad was named: it, and what the chosen and the given order spill.
    """

    name: str
    problem: OrderingProblem
    aliases: Aliases
    asked: Method
    chosen: Ordering
    given: Ordering
    reverse_post_order: Ordering
    live: LiveBytes
    given_live: LiveBytes
    compared: tuple[Timed, ...]
    arena: Arena
    scratchpad: Scratchpad | None = None
    spilled: Spill | None = None
    given_spilled: Spill | None = None

    @property
    def bound(self) -> int:
        """The highest bound that any of the methods proved."""
        return max(
            self.chosen.lower_bound_bytes, *(timed.ordering.lower_bound_bytes for timed in self.compared), 0
        )

    @property
    def optimal(self) -> bool:
        """Whether it is proved that no order has a lower peak than the chosen one."""
        return self.chosen.peak_bytes == self.bound


def examine(
    name: str,
    problem: OrderingProblem,
    aliases: Aliases = Aliases.COPIED,
    method: Method = Method.AUTO,
    seconds: float = SECONDS,
    compare: bool = False,
    fit: Fit = Fit.AUTO,
    scratchpad: Scratchpad | None = None,
) -> Outcome:
    """Order a graph.

    Parameters
    ----------
    seconds
        For each search or solver.
    compare
        Whether every method is tried.

    Raises
    ------
    AhasdError
        The method or the fit needs a solver that is missing, or the graph is too large for it.
    """
    chosen = find_order(problem, method, seconds)
    given, rpo = find_order(problem, Method.GIVEN), find_order(problem, Method.REVERSE_POST_ORDER)
    compared = tuple(_timed(problem, other, seconds) for other in available_methods(problem) if compare)
    live, given_live = live_bytes(problem, chosen.order), live_bytes(problem, given.order)
    spills = [
        spill(staircase.during, scratchpad.bytes, scratchpad.hardware) if scratchpad is not None else None
        for staircase in (live, given_live)
    ]
    arena = plan_arena(problem, chosen.order, fit, seconds)
    return Outcome(
        name,
        problem,
        aliases,
        method,
        chosen,
        given,
        rpo,
        live,
        given_live,
        compared,
        arena,
        scratchpad,
        *spills,
    )


def _timed(problem: OrderingProblem, method: Method, seconds: float) -> Timed:
    begin = process_time()
    found = find_order(problem, method, seconds)
    return Timed(method, found, process_time() - begin)
