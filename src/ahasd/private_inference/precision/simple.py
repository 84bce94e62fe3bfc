"""What stands beside the exact choice: equal widths, and a greedy choice."""

from itertools import product

from ahasd.private_inference.precision.choices import CHOICES, Problem
from ahasd.private_inference.precision.exact import Assignment, assignment

_COUNT = len(CHOICES)


def uniform(problem: Problem, budget: float) -> Assignment | None:
    """Equal widths of least error within the budget; None where none are."""
    found = (assignment(problem, [(w, a)] * len(problem.layers)) for w, a in product(range(_COUNT), repeat=2))
    return min(
        (each for each in found if each.cost <= budget),
        key=lambda each: (each.error, each.cost),
        default=None,
    )


def greedy(problem: Problem, budget: float) -> Assignment | None:
    """From the narrowest widths on, widen by a bit what lowers the error most for its cost, while it fits."""
    chosen = [(0, 0)] * len(problem.layers)
    cost, error = problem.evaluate(chosen)
    if cost > budget:
        return None
    while True:
        best: tuple[float, list[tuple[int, int]], float, float] | None = None
        for changed in _widened(problem, chosen):
            new_cost, new_error = problem.evaluate(changed)
            if new_cost > budget or new_error >= error:
                continue
            gain = (error - new_error) / max(new_cost - cost, 1e-30)
            if best is None or gain > best[0]:
                best = (gain, changed, new_cost, new_error)
        if best is None:
            return assignment(problem, chosen)
        _, chosen, cost, error = best


def _widened(problem: Problem, chosen: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Choices with one width more by a bit; a projection's activations go with the kept value's."""
    found = []
    for place, (w, a) in enumerate(chosen):
        layer = problem.layers[place].layer
        if w + 1 < _COUNT:
            found.append([*chosen[:place], (w + 1, a), *chosen[place + 1 :]])
        if a + 1 < _COUNT and not layer.on_kept:
            changed = [*chosen[:place], (w, a + 1), *chosen[place + 1 :]]
            if layer.keeps_input:
                for later in range(place + 1, len(chosen)):
                    if problem.layers[later].layer.adds_kept:
                        break
                    if problem.layers[later].layer.on_kept:
                        changed[later] = (changed[later][0], a + 1)
            found.append(changed)
    return found
