"""A mixture of experts: of many feed-forward parts a router chooses a few for each token."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

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
        What every token takes beside them; several shared experts are one that is as wide as all.
    shared_weighted
        Whether what that one makes is weighted by a sigmoid of its own (Qwen2-MoE).
    router_bias
        Whether the router has a bias (gpt-oss).
    scores
        What the router makes of its products: a softmax over all experts, or a sigmoid of each (DeepSeek-V3).
    score_correction
        Whether a correction of each score is among the parameters (ERNIE 4.5). DeepSeek-V3's kind has one too, which
        `transformers` does not count as parameters, nor do we: as many numbers as there are experts.
    hidden_size
        Channels of the layer where experts work on fewer, between two matrices that lead there and back (Nemotron 3
        Super); None is those of an expert.
    growth
        How many different experts `w` tokens take together: those of one token times ``w ** growth``, at most all. 0
        is the same for all tokens, 1 never the same twice; None is `different`'s law of independent choice.

    Raises
    ------
    AhasdError
        More experts are chosen than there are, or none; or the growth is not between 0 and 1.
    """

    expert: FeedForward
    count: int
    chosen: int
    shared: FeedForward | None = None
    shared_weighted: bool = False
    router_bias: bool = False
    scores: Literal["softmax", "sigmoid"] = "softmax"
    score_correction: bool = False
    hidden_size: int | None = None
    growth: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.chosen <= self.count:
            raise AhasdError(f"a token cannot take {self.chosen} of {self.count} experts")
        if self.growth is not None and not 0 <= self.growth <= 1:
            raise AhasdError(
                f"the experts of w tokens are those of one times w to a power between 0 and 1, not {self.growth}"
            )

    @property
    def inactive_parameters(self) -> int:
        """Parameters of the experts that a token does not take; the others of a model are active."""
        of_one = sum(layer.parameters for layer in self.expert.matrices)
        return (self.count - self.chosen) * of_one

    def expert_bytes(self, precision: Precision) -> int:
        """Bytes of one expert."""
        return sum(layer.bytes(precision) for layer in replace(self.expert, name="expert_").matrices)

    def different(self, tokens: int) -> float:
        """Experts that the tokens of a pass take together, in the mean.

        Unless a growth is given, every token chooses independently and every expert alike: of n experts, k to a
        token, w tokens take n (1 - (1 - k/n)^w). Real routing stays below: where some experts are chosen more often
        than others the mean is less (the law is concave in the chance of each), and neighbours choose alike. What is
        measured over published runs grows as w^0.5 (``expert_growth`` in ``prediction/from_figures/fitted.yaml``).
        """
        if self.growth is not None:
            return float(min(self.count, self.chosen * tokens**self.growth))
        missed = 1 - self.chosen / self.count
        return float(self.count - (self.count - self.chosen) * missed ** (tokens - 1))

    def routed(self, distinct: float) -> "RoutedExperts":
        """The same experts when the tokens of a pass take so many different ones, in the mean.

        How many is a matter of the text: at least those of one token, and no more than there are.
        """
        return RoutedExperts(self, distinct)

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes, with as many experts at work as `different` says."""
        return self.routed(self.different(graph.shape(x)[0])).build(graph, x)


@dataclass(frozen=True, slots=True)
class RoutedExperts:
    """Experts, and how many different ones the tokens of a pass take, in the mean.

    Bytes and products are exact in the mean; instances, of which there are whole ones, are rounded up.
    """

    experts: Experts
    distinct: float

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
        narrow, outside = expert.hidden_size, experts.hidden_size
        router = LinearLayer("router", outside or narrow, experts.count, experts.router_bias)
        scores = graph.linear(router, x)
        # Scores, and a maximum over all for every expert that is chosen.
        scoring = vector_counts.SOFTMAX if experts.scores == "softmax" else vector_counts.SIGMOID
        choosing = (scoring + experts.chosen) * graph.elements(scores)
        correction = (graph.fine("routing.correction", experts.count),) if experts.score_correction else ()
        shares = graph.vector("routing", (scores,), choosing, (tokens, experts.chosen), correction)
        entering = x
        if outside is not None:
            entering = graph.linear(LinearLayer("expert_enter", outside, narrow, expert.bias), x)
        *inwards, down = expert.matrices
        wide = tuple(self._product(graph, layer, entering, shares) for layer in inwards)
        operations = expert.operations_per_element * graph.elements(wide[0])
        made = self._product(graph, down, graph.vector("expert_activation", wide, operations))
        shape = (tokens, narrow)
        summing = vector_counts.WEIGHTED_SUM * graph.elements(made)
        y = graph.vector("expert_sum", (made, shares), summing, shape)
        if outside is not None:
            y = graph.linear(LinearLayer("expert_leave", narrow, outside, expert.bias), y)
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
        precision, count, at_work = graph.precision, self.experts.count, ceil(self.distinct)
        rows = graph.shape(x)[0] * (self.experts.chosen if routed_by else 1)
        constants = [graph.matrix(f"{layer.name}.weight", (count, layer.outputs, layer.inputs))]
        if layer.bias:
            constants.append(graph.fine(f"{layer.name}.bias", count * layer.outputs))
        operator = Operator(
            layer.name,
            OperatorKind.MATMUL,
            ceil(rows / at_work),
            layer.inputs,
            layer.outputs,
            at_work,
            1,
            macs=rows * layer.weights,
            weight_bytes=round(self.distinct * layer.bytes(precision)),
            input_bytes=precision.activation_bytes(rows * layer.inputs),
            output_bytes=precision.activation_bytes(rows * layer.outputs),
        )
        return graph.activation(operator, (x, *routed_by, *constants), (rows, layer.outputs))
