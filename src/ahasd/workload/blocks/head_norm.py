"""A norm of queries and keys."""

from dataclasses import dataclass
from typing import Literal

from ahasd.workload import vector_counts
from ahasd.workload.graph_builder import GraphBuilder


@dataclass(frozen=True, slots=True)
class HeadNorm:
    """How queries and keys are normalised before they meet.

    Parameters
    ----------
    kind
        Layer norm or RMS norm.
    gains
        Whether all heads share the gains (``"head"``: one for each channel of a head, for queries and for keys), each
        channel of each head has its own (``"heads"``), or there is none. Whether a norm is over a head or over all of
        them is the same work.
    bias
        Whether there is a bias beside each gain.
    values
        Whether values are normalised too, without gains (Gemma 3n).
    """

    kind: Literal["layer", "rms"] = "rms"
    gains: Literal["head", "heads", "none"] = "head"
    bias: bool = False
    values: bool = False

    @property
    def operations(self) -> int:
        """Vector operations for an element."""
        return vector_counts.normalization_operations(self.kind)

    def build(self, graph: GraphBuilder, taken: tuple[str, ...], head_dim: int, name: str) -> str:
        """Add the norm of queries, and of keys if there are, which it takes and makes as one value."""
        tokens, channels = graph.shape(taken[0])[0], sum(graph.shape(value)[-1] for value in taken)
        elements = self.parameters(head_dim, channels, len(taken))
        constants = (graph.fine(f"{name}.gain", elements),) if elements else ()
        return graph.vector(name, taken, self.operations * tokens * channels, (tokens, channels), constants)

    def parameters(self, head_dim: int, channels: int, kinds: int = 2) -> int:
        """Gains and biases.

        Parameters
        ----------
        head_dim
            Channels of a head.
        channels
            Of all heads that are normalised, queries' and keys' together.
        kinds
            How many of queries and keys are normalised.
        """
        gains = {"head": kinds * head_dim, "heads": channels, "none": 0}[self.gains]
        return gains * (2 if self.bias else 1)
