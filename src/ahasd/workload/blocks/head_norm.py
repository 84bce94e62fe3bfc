"""A norm of queries and keys."""

from dataclasses import dataclass
from typing import Literal

from ahasd.workload import vector_counts


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
