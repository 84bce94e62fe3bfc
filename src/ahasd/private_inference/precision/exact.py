"""The choice of least error under a budget, exactly.

Two passes. Backwards, for a few prices of a byte, the least that the rest of the network can pay in error and priced
bytes: it bounds every choice from below (Lagrange). Forwards, layer by layer, all beginnings that are neither worse
than another in both cost and error nor, by the bound, than the best whole choice that is known: a dynamic programme
on the width that is read next and on the ring of a kept value.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.private_inference.network.lowering import signed_ring
from ahasd.private_inference.network.widths import Widths
from ahasd.private_inference.precision.bounds import bounds, ring_kept
from ahasd.private_inference.precision.choices import CHOICES, RINGS, Floats, Problem

Whole = npt.NDArray[np.int64]

_COUNT = len(CHOICES)
#: Prices around the one at which the budget is met, as multiples of it (ours: more cost time and prune no more).
_PRICES = np.array([0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0, 1.02, 1.05, 1.1, 1.25, 2.0])
#: Their numbers, that of the middle first: it prunes most.
_ORDER = sorted(range(_PRICES.size), key=lambda number: abs(float(_PRICES[number]) - 1))
#: Halvings of the interval of prices: it then is narrower than a float's digits (ours).
_HALVINGS = 60
#: Where between the bound and the best known choice the optimum is looked for first (ours). Whatever lies below
#: such a limit is found, so that the first that is found is the optimum, and few beginnings stay below a low limit.
_SHARES = (1 / 128, 1 / 16, 1 / 4, 1.0)
#: Rounding of sums, relative: a beginning is dropped only if it is worse by more.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Assignment:
    """Widths for every layer.

    Attributes
    ----------
    widths
        In order.
    cost, error
        What they sum to.
    """

    widths: tuple[Widths, ...]
    cost: float
    error: float


def assignment(problem: Problem, chosen: list[tuple[int, int]]) -> Assignment:
    """Choices by their numbers, with what they sum to."""
    return Assignment(problem.widths(chosen), *problem.evaluate(chosen))


def cheapest(problem: Problem) -> Assignment:
    """What costs least; of equal costs, what errs least."""
    values = bounds(problem, np.array([1.0]), errors=False)
    return assignment(problem, _follow(problem, values, 1.0, errors=False))


def optimise(problem: Problem, budget: float) -> Assignment:
    """Find the choice of least error whose cost is within the budget.

    Raises
    ------
    AhasdError
        Nothing is; the message says what the least is.
    """
    least = cheapest(problem)
    if least.cost > budget:
        raise AhasdError(
            f"no widths from {CHOICES[0]} to {CHOICES[-1]} bits stay within {budget:,.6g}; the least is "
            f"{least.cost:,.6g} ({', '.join(map(str, sorted(set(least.widths))))})"
        )
    price, known = _price(problem, budget, least)
    prices = price * _PRICES
    values = bounds(problem, prices)
    least_error = float((values[0][:, 0].min(axis=0) - prices * budget).max())
    for share in _SHARES:
        limit = least_error + share * (known.error - least_error)
        found = _forward(problem, budget, prices, values, limit)
        if found is not None:
            return min(known, found, key=lambda each: (each.error, each.cost))
    return known


def _price(problem: Problem, budget: float, known: Assignment) -> tuple[float, Assignment]:
    """The price at which the budget is about met, and the best choice on the way that meets it."""
    low, high = 0.0, 1.0
    while True:
        found = assignment(problem, _follow(problem, bounds(problem, np.array([high])), high))
        if found.cost <= budget or high > 1e30:
            break
        high *= 16
    for _ in range(_HALVINGS):
        middle = (low + high) / 2 if low else high / 16
        found = assignment(problem, _follow(problem, bounds(problem, np.array([middle])), middle))
        if found.cost <= budget:
            high = middle
            known = min(known, found, key=lambda each: each.error)
        else:
            low = middle
        if high - low < 1e-3 * high or high < 1e-30:
            break
    return high, known


@dataclass
class _Beginnings:
    """Choices for the first layers: where they came from, what they sum to, and what the next layer must know."""

    cost: Floats
    error: Floats
    width: Whole
    ring: Whole

    def take(self, which: npt.NDArray[np.intp]) -> "_Beginnings":
        return _Beginnings(self.cost[which], self.error[which], self.width[which], self.ring[which])


@dataclass
class _Stage:
    """Of each beginning the one that it continues, and the last layer's choices."""

    parents: Whole
    weights: Whole
    read: Whole

    def take(self, which: npt.NDArray[np.intp]) -> "_Stage":
        return _Stage(self.parents[which], self.weights[which], self.read[which])


def _start() -> _Beginnings:
    return _Beginnings(np.zeros(_COUNT), np.zeros(_COUNT), np.arange(_COUNT), np.zeros(_COUNT, np.int64))


def _expanded(problem: Problem, place: int, states: _Beginnings) -> tuple[_Beginnings, _Stage]:
    """Every choice for the next layer."""
    table = problem.layers[place]
    count = states.cost.size
    following = table.costs.shape[2]
    axes = np.meshgrid(np.arange(count), np.arange(_COUNT), np.arange(following), indexing="ij")
    parents, weights, nexts = (axis.reshape(-1) for axis in axes)
    width, ring = states.width[parents], states.ring[parents]
    read = ring - signed_ring(CHOICES[0]) if table.layer.on_kept else width
    cost = states.cost[parents] + table.costs[weights, read, nexts]
    error = states.error[parents] + table.errors[weights, read]
    if table.kept_costs is not None:
        cost = cost + table.kept_costs[ring, table.rings[weights, read]]
        ring = np.zeros_like(ring)
    if table.layer.keeps_input:
        rings = np.array([[ring_kept(problem, place, w, a) for a in range(_COUNT)] for w in range(_COUNT)])
        ring = rings[weights, read]
    after = width if table.layer.on_kept else nexts
    return _Beginnings(cost, error, after, ring), _Stage(parents, weights, read)


def _forward(
    problem: Problem, budget: float, prices: Floats, values: list[Floats], limit: float
) -> Assignment | None:
    """The choice of least error within the budget, if its error is within the limit."""
    states, trail = _start(), []
    for place in range(len(problem.layers)):
        reached, stage = _expanded(problem, place, states)
        likely = np.flatnonzero(reached.cost <= budget)
        for number in _ORDER:
            rest = values[place + 1][reached.width[likely], reached.ring[likely], number]
            left = budget - reached.cost[likely]
            bound = reached.error[likely] + rest - prices[number] * left
            likely = likely[bound <= limit + _ROUNDING * abs(limit)]
        if not likely.size:
            return None
        kept = likely[_undominated(reached.take(likely))]
        states = reached.take(kept)
        trail.append(stage.take(kept))
    best = int(np.lexsort((states.cost, states.error))[0])
    return assignment(problem, _retraced(trail, best))


def _undominated(states: _Beginnings) -> npt.NDArray[np.intp]:
    """Beginnings than which none with the same future is as good in one and better in the other."""
    group = states.width * RINGS + states.ring
    order = np.lexsort((states.error, states.cost, group))
    group, error = group[order], states.error[order]
    keep = np.ones(order.size, bool)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    for start, end in zip(starts, [*starts[1:], order.size], strict=True):
        part = error[start:end]
        keep[start + 1 : end] = part[1:] < np.minimum.accumulate(part)[:-1]
    return order[keep]


def _retraced(trail: list["_Stage"], last: int) -> list[tuple[int, int]]:
    """The choices of a beginning that has all layers."""
    chosen, state = [], last
    for stage in reversed(trail):
        chosen.append((int(stage.weights[state]), int(stage.read[state])))
        state = int(stage.parents[state])
    return chosen[::-1]


def _follow(
    problem: Problem, values: list[Floats], price: float, errors: bool = True
) -> list[tuple[int, int]]:
    """The choice that the bounds of one price come from."""
    states, trail = _start(), []
    for place in range(len(problem.layers)):
        reached, stage = _expanded(problem, place, states)
        total = price * reached.cost + values[place + 1][reached.width, reached.ring, 0]
        total = total + reached.error if errors else total
        best = np.array([int(np.lexsort((reached.error, total))[0])])
        states = reached.take(best)
        trail.append(stage.take(best))
    return _retraced(trail, 0)
