"""A layer of a language model with attention beside a mixture of experts, every expert a branch of its own."""

from ahasd.workload import vector_counts
from ahasd.workload.blocks.attention import Attention
from ahasd.workload.blocks.attention_span import full_span
from ahasd.workload.blocks.feed_forward import FeedForward
from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.networks.cells import PRECISION


def parallel_experts(
    tokens: int = 256,
    hidden: int = 1024,
    heads: int = 16,
    experts: int = 8,
    chosen: int = 2,
    width: int = 2816,
) -> Graph:
    """Build a layer whose attention and experts read the same norm (as PaLM's parallel layers do).

    The tokens are spread evenly over the experts; each takes its share of rows, and its results are added up in a
    chain, as a compiler without a fused kernel does.
    """
    graph = GraphBuilder(PRECISION)
    x = graph.input("x", (tokens, hidden))
    normed = Norm(hidden, "rms").build(graph, x, "norm")
    attention = Attention(hidden, heads, heads, hidden // heads)
    queries, new = attention.queries(graph, normed), attention.keys_values(graph, normed)
    attended = attention.attend(graph, queries, new, full_span(tokens, tokens), cached=False)
    mixed = attention.output(graph, attended)
    scores = graph.linear(LinearLayer("router", hidden, experts), normed)
    choosing = (vector_counts.SOFTMAX + chosen) * graph.elements(scores)
    shares = graph.vector("routing", (scores,), choosing, (tokens, chosen))
    rows, total = tokens * chosen // experts, None
    for number in range(experts):
        taken = graph.vector(f"expert{number}.take", (normed, shares), 0, (rows, hidden))
        expert = FeedForward(hidden, width, "silu", gated=True, name=f"expert{number}.")
        made = expert.build(graph, taken)
        operations = vector_counts.WEIGHTED_SUM * graph.elements(made)
        inputs = (made, shares) if total is None else (total, made, shares)
        total = graph.vector(f"expert{number}.sum", inputs, operations, (tokens, hidden))
    assert total is not None
    return graph.graph(add(graph, "residual.add", x, add(graph, "branches.add", mixed, total)))
