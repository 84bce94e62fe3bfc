"""Convolutions in one or more dimensions, and what stands between them in a cell."""

from dataclasses import dataclass
from math import prod

from ahasd.errors import AhasdError
from ahasd.workload import vector_counts
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind

Lengths = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What slides over the axes of an input, all but the channels.

    Parameters
    ----------
    kernel
        Length along each axis.
    stride, dilation
        Along every axis: positions from one window to the next, and from one element of the window to the next.
    padding
        Zeros added at both ends, of every axis or of each.

    Raises
    ------
    AhasdError
        A length, the stride or the dilation is below 1, or the padding below 0.
    """

    kernel: Lengths
    stride: int = 1
    padding: int | Lengths = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        if (
            min(*self.kernel, self.stride, self.dilation) < 1
            or min(self.paddings) < 0
            or len(self.paddings) != len(self.kernel)
        ):
            raise AhasdError(f"no window has the lengths of {self}")

    @property
    def paddings(self) -> Lengths:
        """Zeros added at both ends of each axis."""
        return (self.padding,) * len(self.kernel) if isinstance(self.padding, int) else self.padding

    def positions(self, size: Lengths) -> Lengths:
        """Windows along each axis.

        Raises
        ------
        AhasdError
            The window has another number of axes, or does not fit.
        """
        if len(size) != len(self.kernel):
            raise AhasdError(f"a window of {len(self.kernel)} axes does not slide over {len(size)}")
        ends = [
            length + 2 * padding - self.dilation * (kernel - 1) - 1
            for length, kernel, padding in zip(size, self.kernel, self.paddings, strict=True)
        ]
        if min(ends) < 0:
            raise AhasdError(f"a window of {self.kernel} does not fit {size} with padding {self.padding}")
        return tuple(end // self.stride + 1 for end in ends)

    def touched(self, size: Lengths) -> int:
        """Positions of the input that some window covers; with strides wider than the kernel some are skipped."""
        return prod(
            len(
                {
                    start + offset
                    for start in range(-padding, count * self.stride - padding, self.stride)
                    for offset in range(0, self.dilation * kernel, self.dilation)
                    if 0 <= start + offset < length
                }
            )
            for length, kernel, count, padding in zip(
                size, self.kernel, self.positions(size), self.paddings, strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class Convolution:
    """Kernels that slide over an input, which has the channels as its last axis.

    Parameters
    ----------
    name
        Of its node.
    inputs, outputs
        Channels.
    window
        How the kernels slide.
    groups
        Parts of the channels that do not mix: 1 mixes all, as many as there are inputs is a depthwise convolution.
    bias
        Whether each output has one.

    Raises
    ------
    AhasdError
        The groups do not divide the channels.
    """

    name: str
    inputs: int
    outputs: int
    window: Window
    groups: int = 1
    bias: bool = False

    def __post_init__(self) -> None:
        if self.groups < 1 or self.inputs % self.groups or self.outputs % self.groups:
            raise AhasdError(
                f"{self.name}: {self.groups} groups do not divide {self.inputs} inputs and {self.outputs} outputs"
            )

    def build(self, graph: GraphBuilder, x: str) -> str:
        """Add its node: for each group a product of windows and kernels.

        Multiplications with the padding count, as an array does them; bytes are those of the positions that windows
        cover, each read once.
        """
        precision, (*size, channels) = graph.precision, graph.shape(x)
        if channels != self.inputs:
            raise AhasdError(f"{self.name} takes {self.inputs} channels, not the {channels} of {x}")
        positions = self.window.positions(tuple(size))
        depth, width = self.inputs // self.groups * prod(self.window.kernel), self.outputs // self.groups
        rows, weights = prod(positions), self.outputs * depth
        constants = [
            graph.matrix(
                f"{self.name}.weight", (self.outputs, self.inputs // self.groups, *self.window.kernel)
            )
        ]
        if self.bias:
            constants.append(graph.fine(f"{self.name}.bias", self.outputs))
        operator = Operator(
            self.name,
            OperatorKind.CONVOLUTION,
            rows,
            depth,
            width,
            self.groups,
            1,
            macs=rows * weights,
            weight_bytes=sum(map(graph.bytes, constants)),
            input_bytes=precision.activation_bytes(self.window.touched(tuple(size)) * self.inputs),
            output_bytes=precision.activation_bytes(rows * self.outputs),
        )
        return graph.activation(operator, (x, *constants), (*positions, self.outputs))


def activate(graph: GraphBuilder, name: str, x: str, activation: str = "relu") -> str:
    """Add an activation function."""
    return graph.vector(name, (x,), vector_counts.ACTIVATION[activation] * graph.elements(x))


def pool(graph: GraphBuilder, name: str, x: str, window: Window) -> str:
    """Add the mean or the maximum over windows of each channel."""
    *size, channels = graph.shape(x)
    shape = (*window.positions(tuple(size)), channels)
    return graph.vector(name, (x,), vector_counts.POOLING * prod(window.kernel) * prod(shape), shape)


def concatenate(graph: GraphBuilder, name: str, *branches: str) -> str:
    """Add the channels of several values of the same positions, one after the other."""
    *size, _ = graph.shape(branches[0])
    channels = sum(graph.shape(branch)[-1] for branch in branches)
    return graph.vector(name, branches, 0, (*size, channels))


def separable(graph: GraphBuilder, name: str, x: str, outputs: int, window: Window) -> str:
    """Add a ReLU, a convolution of every channel by itself, and one that mixes the channels at each position."""
    channels = graph.shape(x)[-1]
    active = activate(graph, f"{name}.relu", x)
    alone = Convolution(f"{name}.depthwise", channels, channels, window, groups=channels)
    mixing = Convolution(f"{name}.pointwise", channels, outputs, Window((1,) * len(window.kernel)))
    return mixing.build(graph, alone.build(graph, active))
