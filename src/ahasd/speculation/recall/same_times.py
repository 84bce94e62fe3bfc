"""Whether two machines take equally long for all that a schedule has asked one of them, whatever they draw."""

from dataclasses import fields

from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts, StepTable
from ahasd.speculation.machine import Conflicts, Machine

#: What a schedule may look at of a step; energy it never does.
_TIMES = tuple(field.name for field in fields(StepCost) if field.name != "energy_j")


def same_times(asked: Machine, other: Machine) -> bool:
    """Whether a schedule that ran on the first machine would do the same at the same times on the other.

    A schedule is a function of what its machine answers. So the answers that the first has given so far are compared:
    all but the energy of the grid points of its tables, between which both interpolate alike.
    """
    return (
        (asked.lengths, asked.messages, asked.clocks, asked.target_layers)
        == (other.lengths, other.messages, other.clocks, other.target_layers)
        and _alike(asked.conflicts, other.conflicts)
        and all(
            _same_steps(getattr(asked, name), getattr(other, name))
            for name in ("target_steps", "draft_steps", "preverify_steps")
        )
    )


def _alike(one: Conflicts, other: Conflicts) -> bool:
    """Compared by what they hold: channels are no values."""
    of_one, of_other = (
        [getattr(conflicts, field.name) for field in fields(Conflicts) if field.name != "channel"]
        for conflicts in (one, other)
    )
    channels = one.channel, other.channel
    if None in channels:
        return of_one == of_other and channels == (None, None)
    same_kind = type(one.channel) is type(other.channel)
    return of_one == of_other and same_kind and vars(one.channel) == vars(other.channel)


def _same_steps(asked: StepCosts | None, other: StepCosts | None) -> bool:
    if asked is other:
        return True
    if not (isinstance(asked, StepTable) and isinstance(other, StepTable)) or asked.name != other.name:
        return False
    return all(_times(cost) == _times(other.grid_cost(*point)) for point, cost in asked.known_grid.items())


def _times(cost: StepCost) -> tuple[float, ...]:
    return tuple([getattr(cost, name) for name in _TIMES])
