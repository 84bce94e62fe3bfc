"""Costs of a table's passes as columns of numbers, filled as they are asked for."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.step_table import StepCosts

#: Bits of a pass's code that are its context.
CONTEXT_BITS = 32

_CONTEXT = (1 << CONTEXT_BITS) - 1


def code(width: int, context: int) -> int:
    """A pass as one number."""
    return width << CONTEXT_BITS | context


def parted(number: int) -> tuple[int, int]:
    """Width and context of a pass."""
    return number >> CONTEXT_BITS, number & _CONTEXT


class CostColumns:
    """Seconds and joules by component of passes, a row for each; each pass is asked of the table once."""

    def __init__(self, steps: StepCosts) -> None:
        self._steps = steps
        self._rows: dict[int, int] = {}
        self._values = np.empty((0, 1 + len(DYNAMIC_COMPONENTS)))

    def of(self, codes: Sequence[int]) -> NDArray[np.float64]:
        """Rows of these passes: the seconds, then the joules."""
        rows, cost = self._rows, self._steps.cost
        missing = [one for one in dict.fromkeys(codes) if one not in rows]
        if missing:
            costs = [cost(*parted(one)) for one in missing]
            new = np.array([(each.seconds, *each.energy_j) for each in costs])
            rows.update(zip(missing, range(len(rows), len(rows) + len(missing)), strict=True))
            self._values = np.concatenate([self._values, new])
        return self._values[[rows[one] for one in codes]]


_KNOWN: WeakKeyDictionary[StepCosts, CostColumns] = WeakKeyDictionary()


def columns_of(steps: StepCosts) -> CostColumns:
    """The columns of a table, kept as long as it."""
    found = _KNOWN.get(steps)
    if found is None:
        found = _KNOWN[steps] = CostColumns(steps)
    return found
