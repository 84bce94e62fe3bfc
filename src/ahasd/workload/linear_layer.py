"""A linear layer's shape: what a product with a weight matrix and its parameters have in common."""

from typing import NamedTuple

from ahasd.workload.precision import Precision


class LinearLayer(NamedTuple):
    """A matrix of `inputs` × `outputs`, with or without a bias of `outputs` elements."""

    name: str
    inputs: int
    outputs: int
    bias: bool = False

    @property
    def weights(self) -> int:
        """Matrix elements."""
        return self.inputs * self.outputs

    @property
    def biases(self) -> int:
        """Bias elements."""
        return self.outputs if self.bias else 0

    @property
    def parameters(self) -> int:
        """Elements of both."""
        return self.weights + self.biases

    def bytes(self, precision: Precision) -> int:
        """Bytes of both."""
        return precision.matrix_bytes(self.weights, self.name) + precision.fine_type.bytes_of(self.biases)
