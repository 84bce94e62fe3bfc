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


class CostColumns:
    """Seconds and joules by component of passes, a row for each; each pass is asked of the table once."""

    def __init__(self, steps: StepCosts) -> None:
        self._steps = steps
        self._rows: dict[int, int] = {}
        self._values = np.empty((64, 1 + len(DYNAMIC_COMPONENTS)))

    def of(self, codes: Sequence[int]) -> NDArray[np.float64]:
        """Rows of these passes: the seconds, then the joules."""
        rows = self._rows
        for missing in [one for one in codes if one not in rows]:
            self._add(missing)
        return self._values[[rows[one] for one in codes]]

    def _add(self, number: int) -> None:
        if number in self._rows:
            return
        row = len(self._rows)
        if row == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        cost = self._steps.cost(number >> CONTEXT_BITS, number & _CONTEXT)
        self._values[row, 0] = cost.seconds
        self._values[row, 1:] = cost.energy_j
        self._rows[number] = row


_KNOWN: WeakKeyDictionary[StepCosts, CostColumns] = WeakKeyDictionary()


def columns_of(steps: StepCosts) -> CostColumns:
    """The columns of a table, kept as long as it."""
    found = _KNOWN.get(steps)
    if found is None:
        found = _KNOWN[steps] = CostColumns(steps)
    return found
