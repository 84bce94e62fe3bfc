"""The extension point for cost models."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from ahasd.hardware.cost import OperatorCost, StepCost, total
from ahasd.workload.operators import Operator


class Device(ABC):
    """A machine that runs operators one after the other.

    Life cycle: built once for a run from a preset and, where it matters, the ranks it works on; then asked for
    the cost of steps, in any order. A device keeps no state between calls: equal operators cost the same, so
    callers may cache by shape. It knows nothing of other devices; sharing is the simulation's business.
    """

    #: The track that its work shows on.
    name: str

    @abstractmethod
    def operator_cost(self, operator: Operator) -> OperatorCost:
        """Cost of one operator with all its instances.

        Returns
        -------
        OperatorCost
            With the parts that its time is made of.
        """

    def breakdown(self, operators: Iterable[Operator]) -> list[OperatorCost]:
        """Cost of each operator, in order."""
        return [self.operator_cost(operator) for operator in operators]

    def cost(self, operators: Iterable[Operator]) -> StepCost:
        """Cost of a step: the sum over its operators."""
        return total(self.breakdown(operators))
