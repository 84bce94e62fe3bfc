"""A linear layer's shape, the common ground of parameter counts, resident bytes and operators."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinearLayer:
    """`instances` matrices of `inputs` × `outputs`, with or without a bias of `outputs` elements each."""

    name: str
    inputs: int
    outputs: int
    instances: int
    bias: bool = False

    @property
    def weights(self) -> int:
        """Matrix elements over all instances."""
        return self.instances * self.inputs * self.outputs

    @property
    def biases(self) -> int:
        """Bias elements over all instances."""
        return self.instances * self.outputs if self.bias else 0
