"""From a graph to an order of its nodes, with what is proved of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from time import process_time

from ahasd.graph_ordering.beam import beam
from ahasd.graph_ordering.exact import Search
from ahasd.graph_ordering.fusion import FusedProblem, fuse, unfused
from ahasd.graph_ordering.greedy.breadth_first import earliest_needs_first
from ahasd.graph_ordering.greedy.depth_first import reverse_post_order, smallest_first
from ahasd.graph_ordering.greedy.least_peak_first import least_peak_first
from ahasd.graph_ordering.hierarchical import hierarchical
from ahasd.graph_ordering.integer_program import solve
from ahasd.graph_ordering.peak import least_possible, live_bytes
from ahasd.graph_ordering.problem import OrderingProblem
from ahasd.graph_ordering.trees import hills_and_valleys
from ahasd.graph_ordering.windows import improved

#: CPU seconds that the exact search gets unless told otherwise (ours: the networks of the facts take hundredths).
SECONDS = 10.0


#: Fused nodes up to which a comparison has the integer program as well (ours: of 44 it takes minutes).
FEW_MACROS = 20


#: Widths of the beams whose orders are made better, the most useful first (ours).
WIDTHS = (64, 16, 128, 32, 256)


class Method(StrEnum):
    """A way to find an order."""

    AUTO = "auto"
    """The exact one where it ends in time, else the best of all others, with the bound that was proved."""
    GIVEN = "given"
    """As the graph has it."""
    REVERSE_POST_ORDER = "rpo"
    """Reverse post-order."""
    LEAST_PEAK_FIRST = "lpmf"
    """Inductor's LPMF."""
    BREADTH_FIRST = "bfs"
    """Inductor's BFS."""
    DEPTH_FIRST = "dfs"
    """Inductor's DFS."""
    INDUCTOR = "inductor"
    """The best of given, lpmf, bfs and dfs, as inductor takes it."""
    BEAM = "beam"
    """A search over fused nodes that keeps the most promising sets only."""
    WINDOWS = "windows"
    """Orders of beams of several widths, made better stretch by stretch."""
    HIERARCHICAL = "hmcos-like"
    """From coarse to fine, ungrouping at the peak: our reading of HMCOS."""
    TREE = "liu"
    """Liu's hills and valleys, for trees."""
    INTEGER_PROGRAM = "ilp"
    """An integer program over fused nodes, as arXiv 2308.13898 has it; needs OR-Tools."""
    EXACT = "exact"
    """The least peak, proved."""


_GREEDY: dict[Method, Callable[[OrderingProblem], list[int]]] = {
    Method.GIVEN: lambda problem: list(range(problem.nodes)),
    Method.REVERSE_POST_ORDER: reverse_post_order,
    Method.LEAST_PEAK_FIRST: least_peak_first,
    Method.BREADTH_FIRST: earliest_needs_first,
    Method.DEPTH_FIRST: smallest_first,
    Method.HIERARCHICAL: hierarchical,
    Method.TREE: hills_and_valleys,
}
_WALKS = (
    Method.GIVEN,
    Method.REVERSE_POST_ORDER,
    Method.LEAST_PEAK_FIRST,
    Method.BREADTH_FIRST,
    Method.DEPTH_FIRST,
)
_INDUCTOR = (Method.GIVEN, Method.LEAST_PEAK_FIRST, Method.BREADTH_FIRST, Method.DEPTH_FIRST)


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order and what is known of it.

    Attributes
    ----------
    method
        Whose it is: for ``auto`` and ``inductor`` the method that found it.
    order
        Numbers of the nodes.
    peak_bytes
        The most that lives at once.
    lower_bound_bytes
        What no order goes below, as far as it was proved.
    macros
        What fusion left of the nodes; None where nothing was fused.
    states
        How many the exact search looked at; None where it was not asked.
    """

    method: Method
    order: tuple[int, ...]
    peak_bytes: int
    lower_bound_bytes: int
    macros: int | None = None
    states: int | None = None

    @property
    def optimal(self) -> bool:
        """Whether it is proved that no order has a lower peak."""
        return self.peak_bytes == self.lower_bound_bytes


def available_methods(problem: OrderingProblem) -> list[Method]:
    """Methods that can order a graph here in reasonable time; ``auto`` is one of the others."""
    found: list[Method] = [
        method for method in Method if method not in (Method.AUTO, Method.TREE, Method.INTEGER_PROGRAM)
    ]
    fused = len(fuse(problem).segments)
    if fused <= FEW_MACROS and not problem.overwritten and find_spec("ortools") is not None:
        found.append(Method.INTEGER_PROGRAM)
    return found


def find_order(
    problem: OrderingProblem, method: Method = Method.AUTO, seconds: float = SECONDS, fused: bool = True
) -> Ordering:
    """Find an order.

    Parameters
    ----------
    problem
        What the order decides.
    method
        How.
    seconds
        CPU time for each search, and for the solver. An exact search that does not end in time returns the best
        order of the other methods with the bound that it proved, and is not called optimal.
    fused
        Whether the searches run over fused nodes; the least peak is the same.

    Raises
    ------
    AhasdError
        The method is not for such a graph, or needs a solver that is missing.
    """
    floor = least_possible(problem)
    if method in _GREEDY:
        return _judged(problem, method, _GREEDY[method](problem), floor)
    if method is Method.INDUCTOR:
        return _best(problem, _INDUCTOR, floor)
    macros = fuse(problem) if fused else unfused(problem)
    if method is Method.INTEGER_PROGRAM:
        solution = solve(macros, seconds)
        order = macros.order(solution.macros)
        return _judged(problem, method, order, max(floor, solution.bound), len(macros.segments))
    if method not in (Method.BEAM, Method.WINDOWS):
        found = Search(macros, floor).solve(seconds)
        if found.macros is not None:
            order = macros.order(found.macros)
            return _judged(problem, Method.EXACT, order, found.bound, len(macros.segments), found.states)
        floor = max(floor, found.bound)
    if method is Method.BEAM:
        return _judged(problem, method, macros.order(beam(macros)), floor, len(macros.segments))
    searched = _by_windows(problem, macros, floor, seconds)
    if method is Method.WINDOWS:
        return searched
    return min((searched, _best(problem, _WALKS, floor)), key=lambda found: found.peak_bytes)


def _by_windows(problem: OrderingProblem, macros: FusedProblem, floor: int, seconds: float) -> Ordering:
    """The best of several beams, each made better; as many as time allows, but one at least."""
    end, best = process_time() + seconds, None
    for width in WIDTHS:
        order = improved(macros, beam(macros, width), end - process_time())
        found = _judged(problem, Method.WINDOWS, macros.order(order), floor, len(macros.segments))
        if best is None or found.peak_bytes < best.peak_bytes:
            best = found
        if best.optimal or process_time() > end:
            break
    assert best is not None
    return best


def _best(problem: OrderingProblem, methods: tuple[Method, ...], floor: int) -> Ordering:
    found = (_judged(problem, method, _GREEDY[method](problem), floor) for method in methods)
    return min(found, key=lambda ordering: ordering.peak_bytes)


def _judged(
    problem: OrderingProblem,
    method: Method,
    order: list[int],
    floor: int,
    macros: int | None = None,
    states: int | None = None,
) -> Ordering:
    return Ordering(method, tuple(order), live_bytes(problem, order).peak, floor, macros, states)
