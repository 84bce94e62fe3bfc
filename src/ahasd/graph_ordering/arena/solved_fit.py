"""Offsets by a solver: lifetimes and bytes are the sides of rectangles that must not overlap."""

from collections.abc import Sequence

from ahasd.graph_ordering.arena.lifetimes import Lifetime
from ahasd.graph_ordering.solver import cp_model, require_solver


def fit_solved(
    taken: Sequence[Lifetime], floor: int, start: Sequence[int], seconds: float
) -> tuple[list[int], bool]:
    """Offsets by lifetime, and whether it is proved that no others need less.

    Parameters
    ----------
    floor
        What is needed at least.
    start
        Offsets that are known; the result needs no more.
    seconds
        Time for the solver.

    Raises
    ------
    AhasdError
        The solver is not installed.
    """
    require_solver()
    most = max(offset + one.bytes for offset, one in zip(start, taken, strict=True))
    cp = cp_model()
    model = cp.CpModel()
    height = model.new_int_var(floor, most, "height")
    offsets, times, spans = [], [], []
    for number, one in enumerate(taken):
        offset = model.new_int_var(0, most - one.bytes, f"offset{number}")
        offsets.append(offset)
        times.append(model.new_fixed_size_interval_var(one.first, one.last - one.first + 1, f"time{number}"))
        spans.append(model.new_fixed_size_interval_var(offset, one.bytes, f"span{number}"))
        model.add(height >= offset + one.bytes)
        model.add_hint(offset, start[number])
    model.add_no_overlap_2d(times, spans)
    model.minimize(height)
    solver = cp.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in (cp.OPTIMAL, cp.FEASIBLE):
        return list(start), False
    return [solver.value(offset) for offset in offsets], status == cp.OPTIMAL
