"""The order as an integer program (arXiv 2308.13898), over fused nodes, by OR-Tools' CP-SAT.

Of its variables, O[i, j] says that macro i runs at step j, and T[b, j] that block b is still needed at step j or
later. Its equations: one macro a step, one step a macro (1, 2); whoever makes what a macro reads runs at an earlier
step (3); T[b, j] >= 1 where a user has not run before j (4, 5); what lives at each step is below the figure that is
minimised (6). Since a fused node gives blocks back while it runs, (6) is one line per stretch of a macro, less what
it has given back by then; a single figure for the whole macro (the paper's ES) would prove a wrong optimum. That a
macro cannot run before all its ancestors or after any descendant fixes most of both (7 to 10: the pruning).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from time import process_time
from typing import Any

from ahasd.errors import AhasdError
from ahasd.graph_ordering.fusion import FusedProblem
from ahasd.graph_ordering.greedy.depth_first import reverse_post_order
from ahasd.graph_ordering.problem import OrderingProblem
from ahasd.graph_ordering.solver import cp_model, require_solver
from ahasd.graph_ordering.states import bits, numbers, walk

#: Macros that the program takes on at most (ours: of more it rarely finds the optimum within minutes).
MOST_MACROS = 60


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver came to.

    Attributes
    ----------
    macros
        In order.
    peak, bound
        Bytes: of the order, and what no order goes below.
    variables
        Of O and T, those that are not fixed.
    seconds
        CPU time of building and solving.
    """

    macros: tuple[int, ...]
    peak: int
    bound: int
    variables: int
    seconds: float


def solve(problem: FusedProblem, seconds: float, pruned: bool = True) -> Solution:
    """Build the program, start from reverse post-order, and solve.

    Raises
    ------
    AhasdError
        The solver is missing, there are too many macros, or some work in place.
    """
    require_solver()
    count = len(problem.segments)
    if count > MOST_MACROS:
        raise AhasdError(
            f"the method 'ilp' takes on at most {MOST_MACROS} fused nodes, and there are {count}; use exact"
        )
    if any(segment.overwritten for segments in problem.segments for segment in segments):
        raise AhasdError(
            "the method 'ilp' counts every value apart; leave out --aliases in-place, or use exact"
        )
    cp_model()  # loading it is not the program's time
    begin = process_time()
    return _Program(problem, pruned).solved(seconds, begin)


class _Program:
    """The program under way."""

    def __init__(self, problem: FusedProblem, pruned: bool) -> None:
        self._problem, self._cp = problem, cp_model()
        self._count = len(problem.segments)
        self._model: Any = self._cp.CpModel()
        self._variables = 0
        sizes = [problem.given, *problem.size]
        sizes += [figure for part in problem.segments for one in part for figure in (one.peak, one.net)]
        self._unit = gcd(*sizes) or 1
        self._earliest, self._latest = (
            _span(problem) if pruned else ([0] * self._count, [self._count - 1] * self._count)
        )
        self._build()

    def solved(self, seconds: float, begin: float) -> Solution:
        self._hint(_reverse_post_order(self._problem))
        solver = self._cp.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 1
        status = solver.solve(self._model)
        if status in (self._cp.OPTIMAL, self._cp.FEASIBLE):
            at = {step: macro for (macro, step), run in self._runs.items() if solver.value(run)}
            macros = tuple(at[step] for step in range(self._count))
            peak = round(solver.objective_value) * self._unit
            bound = round(solver.best_objective_bound) * self._unit
        else:  # not even the start was looked at
            macros, bound = tuple(_reverse_post_order(self._problem)), 0
            peak = max(walk(self._problem, macros)[0], default=self._problem.given)
        return Solution(macros, peak, bound, self._variables, process_time() - begin)

    def _build(self) -> None:
        model, steps, problem = self._model, range(self._count), self._problem
        self._runs = {
            (macro, step): self._new(f"O{macro},{step}")
            for macro in steps
            for step in range(self._earliest[macro], self._latest[macro] + 1)
        }
        for macro in steps:
            model.add_exactly_one(self._runs[macro, step] for step in steps if (macro, step) in self._runs)
        for step in steps:
            model.add_exactly_one(self._runs[macro, step] for macro in steps if (macro, step) in self._runs)
        for macro in steps:
            for other in problem.predecessors[macro]:
                for step in range(self._earliest[macro], min(self._latest[macro], self._latest[other]) + 1):
                    model.add(self._ran(other, step) >= self._ran(macro, step + 1))
        self._needed = {
            (block, step): self._need(block, step)
            for block in range(len(problem.size))
            for step in range(self._count + 1)
        }
        most = (
            problem.given
            + sum(s.peak + abs(s.net) for part in problem.segments for s in part)
            + sum(problem.size)
        )
        self._peak = model.new_int_var(0, most // self._unit, "peak")
        for (macro, step), run in self._runs.items():
            self._bound_memory(macro, step, run)
        model.minimize(self._peak)

    def _bound_memory(self, macro: int, step: int, run: Any) -> None:
        """What lives during each stretch of a macro, if it runs at this step."""
        live = self._live(step)
        for segment in self._problem.segments[macro]:
            self._model.add(self._peak >= live + segment.peak // self._unit).only_enforce_if(run)
            live = live + segment.net // self._unit
            for block in segment.freed:
                size = self._problem.size[block] // self._unit
                live = live - size * (self._needed[block, step] - self._needed[block, step + 1])

    def _live(self, step: int) -> Any:
        """What lives before a step."""
        problem = self._problem
        made = sum(
            (sum(segment.net for segment in part) // self._unit) * self._ran(macro, step)
            for macro, part in enumerate(problem.segments)
        )
        freed = sum(
            (size // self._unit) * (1 - self._needed[block, step]) for block, size in enumerate(problem.size)
        )
        return problem.given // self._unit + made - freed

    def _ran(self, macro: int, step: int) -> Any:
        """Whether a macro ran before a step."""
        if step > self._latest[macro]:
            return 1
        return sum(self._runs[macro, earlier] for earlier in range(self._earliest[macro], step))

    def _need(self, block: int, step: int) -> Any:
        """Whether a block is still needed at a step or later; fixed where no order leaves it open."""
        users = self._problem.users[block]
        if any(step <= self._earliest[user] for user in users):
            return 1
        if all(step > self._latest[user] for user in users):
            return 0
        needed = self._new(f"T{block},{step}")
        for user in users:
            self._model.add(needed + self._ran(user, step) >= 1)
        return needed

    def _new(self, name: str) -> Any:
        self._variables += 1
        return self._model.new_bool_var(name)

    def _hint(self, order: Sequence[int]) -> None:
        place = {macro: step for step, macro in enumerate(order)}
        for (macro, step), run in self._runs.items():
            self._model.add_hint(run, place[macro] == step)
        for (block, step), needed in self._needed.items():
            if not isinstance(needed, int):
                self._model.add_hint(needed, any(place[user] >= step for user in self._problem.users[block]))


def _reverse_post_order(problem: FusedProblem) -> list[int]:
    names = tuple(map(str, range(len(problem.segments))))
    return reverse_post_order(OrderingProblem(names, (), problem.predecessors, problem.successors))


def _span(problem: FusedProblem) -> tuple[list[int], list[int]]:
    """The first and the last step at which each macro can run: after all ancestors, before all descendants."""
    count = len(problem.segments)
    above, below = [0] * count, [0] * count
    order = _reverse_post_order(problem)
    for macro in order:
        above[macro] = bits(problem.predecessors[macro])
        for other in problem.predecessors[macro]:
            above[macro] |= above[other]
    for macro in reversed(order):
        below[macro] = bits(problem.successors[macro])
        for other in problem.successors[macro]:
            below[macro] |= below[other]
    return [len(numbers(mask)) for mask in above], [count - 1 - len(numbers(mask)) for mask in below]
