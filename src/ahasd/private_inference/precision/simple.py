"""What the exact choice is held against: equal widths, a greedy choice, and every choice there is."""

from itertools import product

from ahasd.errors import AhasdError
from ahasd.private_inference.precision.choices import CHOICES, Problem
from ahasd.private_inference.precision.exact import Assignment, assignment

_COUNT = len(CHOICES)
#: Whole choices that brute force looks at, at most (ours): a few minutes.
MOST_WHOLE_CHOICES = 20_000_000


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


def brute_force(problem: Problem, budget: float) -> Assignment | None:
    """Look at every choice.

    Raises
    ------
    AhasdError
        There are too many.
    """
    layers = problem.layers
    # A projection reads the kept value at the width at which it was kept.
    free = [_COUNT if table.layer.on_kept else _COUNT**2 for table in layers]
    count = 1
    for each in free:
        count *= each
    if count > MOST_WHOLE_CHOICES:
        raise AhasdError(f"{count:.3g} choices are too many to look at each; take fewer layers")
    best: Assignment | None = None
    for numbers in product(*(range(each) for each in free)):
        chosen: list[tuple[int, int]] = []
        kept = 0
        for table, number in zip(layers, numbers, strict=True):
            pair = (number, kept) if table.layer.on_kept else divmod(number, _COUNT)
            kept = pair[1] if table.layer.keeps_input else kept
            chosen.append(pair)
        cost, error = problem.evaluate(chosen)
        if cost <= budget and (best is None or (error, cost) < (best.error, best.cost)):
            best = assignment(problem, chosen)
    return best


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
