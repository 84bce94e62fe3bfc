"""Building the layers of a convolutional network, shapes carried along."""

from math import prod
from typing import Self

from ahasd.private_inference.network.layer import Layer, Network, Pool
from ahasd.private_inference.protocols.product import Shape
from ahasd.workload.blocks.convolution import Window


class ChainBuilder:
    """Collects layers; each convolution takes the channels and the size of what stands before it.

    Parameters
    ----------
    channels, size
        Of the input: channels, and positions along each side.
    """

    def __init__(self, channels: int, size: int) -> None:
        self._layers: list[Layer] = []
        self._channels = channels
        self._size: tuple[int, ...] = (size, size)
        self._kept: tuple[int, tuple[int, ...]] = (channels, self._size)

    def convolution(
        self,
        name: str,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        depthwise: bool = False,
        keeps_input: bool = False,
        on_kept: bool = False,
        adds_kept: bool = False,
        relu: bool = True,
        pool: Window | None = None,
        mean: bool = False,
    ) -> Self:
        """Add a convolution, padded so that only the stride shrinks it.

        Parameters
        ----------
        pool
            Windows of a maximum after it.
        mean
            Whether the mean over all positions follows.
        """
        channels, size = self._kept if on_kept else (self._channels, self._size)
        positions = Window((kernel, kernel), stride, kernel // 2).positions(size)
        groups = channels if depthwise else 1
        shape = Shape(outputs // groups, channels // groups * kernel * kernel, prod(positions), groups)
        if keeps_input:
            self._kept = (channels, size)
        after: tuple[int, ...] = positions
        maximum = None
        if pool is not None:
            after = pool.positions(positions)
            maximum = Pool(outputs * prod(after), prod(pool.kernel))
        whole = Pool(outputs, prod(after)) if mean else None
        self._layers.append(
            Layer(name, shape, channels * prod(size), keeps_input, on_kept, adds_kept, relu, maximum, whole)
        )
        if on_kept:
            self._kept = (outputs, positions)
        else:
            self._channels, self._size = outputs, (1, 1) if mean else after
        return self

    def dense(self, name: str, outputs: int, relu: bool = True) -> Self:
        """Add a fully connected layer over all that stands before it."""
        inputs = self._channels * prod(self._size)
        self._layers.append(Layer(name, Shape(outputs, inputs, 1), inputs, relu=relu))
        self._channels, self._size = outputs, (1, 1)
        return self

    @property
    def channels(self) -> int:
        """Of what stands last."""
        return self._channels

    def network(self, name: str, title: str, note: str = "") -> Network:
        """Return what was built."""
        return Network(name, title, tuple(self._layers), note)
