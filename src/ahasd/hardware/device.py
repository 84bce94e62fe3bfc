"""The extension point for cost models."""

from abc import ABC, abstractmethod

from ahasd.hardware.cost import OperatorCost, StepCost, total
from ahasd.workload.graph import OperatorGraph
from ahasd.workload.operators import Operator


class Device(ABC):
    """A machine that runs operators one after the other.

    Life cycle: built once for a run from a preset and, where it matters, the ranks it works on; then asked for
    the cost of steps, which are graphs, in any order. A device keeps no state between calls: equal operators cost
    the same, so callers may cache by shape. It knows nothing of other devices; sharing is the simulation's business.
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

        Raises
        ------
        AhasdError
            The device does not run operators of this kind.
        """

    def breakdown(self, graph: OperatorGraph) -> list[OperatorCost]:
        """Cost of each operator of a graph, in order."""
        return [self.operator_cost(operator) for operator in graph.operators]

    def cost(self, graph: OperatorGraph) -> StepCost:
        """Cost of a step: the sum over the operators of its graph."""
        return total(self.breakdown(graph))
