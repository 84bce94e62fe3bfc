"""A mixture of experts: of many feed-forward parts a router chooses a few for each token."""

from dataclasses import dataclass, replace
from math import ceil

from ahasd.errors import AhasdError
from ahasd.workload import vector_counts
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import add
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision


@dataclass(frozen=True, slots=True)
class Experts:
    """Router, experts of which each token takes some, and perhaps one that all take.

    Parameters
    ----------
    expert
        Shape of one expert.
    count, chosen
        How many there are, and how many a token takes.
    shared
        What every token takes beside them.
    shared_weighted
        Whether what that one makes is weighted by a sigmoid of its own (Qwen2-MoE).

    Raises
    ------
    AhasdError
        More experts are chosen than there are, or none.
    """

    expert: FeedForward
    count: int
    chosen: int
    shared: FeedForward | None = None
    shared_weighted: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.chosen <= self.count:
            raise AhasdError(f"a token cannot take {self.chosen} of {self.count} experts")

    @property
    def inactive_parameters(self) -> int:
        """Parameters of the experts that a token does not take; the others of a model are active."""
        of_one = sum(layer.parameters for layer in self.expert.matrices)
        return (self.count - self.chosen) * of_one

    def expert_bytes(self, precision: Precision) -> int:
        """Bytes of one expert."""
        return sum(layer.bytes(precision) for layer in replace(self.expert, name="expert_").matrices)

    def routed(self, distinct: int) -> "RoutedExperts":
        """The same experts when the tokens of a pass take so many different ones.

        How many is a matter of the text: at least those of one token, and no more than there are.
        """
        return RoutedExperts(self, distinct)


@dataclass(frozen=True, slots=True)
class RoutedExperts:
    """Experts, and how many different ones the tokens of a pass take."""

    experts: Experts
    distinct: int

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes; equal matrices of all experts at work are one product, launched once, as heads are.

        Raises
        ------
        AhasdError
            So many tokens cannot take so many different experts.
        """
        experts, tokens = self.experts, graph.shape(x)[0]
        most = min(experts.count, tokens * experts.chosen)
        if not experts.chosen <= self.distinct <= most:
            raise AhasdError(
                f"{tokens} token(s) that take {experts.chosen} of {experts.count} experts each take "
                f"{experts.chosen} to {most} different ones, not {self.distinct}"
            )
        expert = replace(experts.expert, name="expert_")
        scores = graph.linear(LinearLayer("router", expert.hidden_size, experts.count), x)
        # Softmax, and a maximum over all for every expert that is chosen.
        choosing = (vector_counts.SOFTMAX + experts.chosen) * graph.elements(scores)
        shares = graph.vector("routing", (scores,), choosing, (tokens, experts.chosen))
        *inwards, down = expert.matrices
        wide = tuple(self._product(graph, layer, x, shares) for layer in inwards)
        operations = expert.operations_per_element * graph.elements(wide[0])
        made = self._product(graph, down, graph.vector("expert_activation", wide, operations))
        shape = (tokens, expert.hidden_size)
        summing = vector_counts.WEIGHTED_SUM * graph.elements(made)
        y = graph.vector("expert_sum", (made, shares), summing, shape)
        return y if experts.shared is None else add(graph, "shared_sum", y, self._shared(graph, x))

    def _shared(self, graph: GraphBuilder, x: str) -> str:
        shared = self.experts.shared
        assert shared is not None
        y = replace(shared, name="shared_").build(graph, x)
        if not self.experts.shared_weighted:
            return y
        weight = graph.linear(LinearLayer("shared_weight", shared.hidden_size, 1), x)
        operations = vector_counts.SIGMOID * graph.elements(weight) + vector_counts.GATE * graph.elements(y)
        return graph.vector("shared_weighted", (y, weight), operations)

    def _product(self, graph: GraphBuilder, layer: LinearLayer, x: str, *routed_by: str) -> str:
        """Multiply every token by the matrices of its experts; only those at work are read."""
        precision, count = graph.precision, self.experts.count
        rows = graph.shape(x)[0] * (self.experts.chosen if routed_by else 1)
        constants = [graph.matrix(f"{layer.name}.weight", (count, layer.outputs, layer.inputs))]
        if layer.bias:
            constants.append(graph.fine(f"{layer.name}.bias", count * layer.outputs))
        operator = Operator(
            layer.name,
            OperatorKind.MATMUL,
            ceil(rows / self.distinct),
            layer.inputs,
            layer.outputs,
            self.distinct,
            1,
            macs=rows * layer.weights,
            weight_bytes=self.distinct * layer.bytes(precision),
            input_bytes=precision.activation_bytes(rows * layer.inputs),
            output_bytes=precision.activation_bytes(rows * layer.outputs),
        )
        return graph.activation(operator, (x, *routed_by, *constants), (rows, layer.outputs))
