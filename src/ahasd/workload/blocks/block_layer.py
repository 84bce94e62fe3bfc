"""A layer in which tokens do not see each other."""

from dataclasses import dataclass

from ahasd.workload.blocks.norm import Norm, add
from ahasd.workload.blocks.transformer_layer import Block
from ahasd.workload.graph_builder import GraphBuilder


@dataclass(frozen=True, slots=True)
class BlockLayer:
    """Norm, feed-forward part or mixture of experts, residual (Nemotron-H).

    Parameters
    ----------
    block
        What stands between norm and residual.
    norm
        Before it.
    """

    block: Block
    norm: Norm

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its nodes."""
        normed = self.norm.build(graph, x, "feed_forward_norm")
        return add(graph, "feed_forward_residual", x, self.block.build(graph, normed))
