"""A network of whole numbers: its weights, and what it computes in the clear, bit for bit as the private run must."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.lowering import signed_ring
from ahasd.private_inference.network.plan import lower_network
from ahasd.private_inference.network.rules import PRIVQUANT
from ahasd.private_inference.network.widths import Widths
from ahasd.private_inference.running.ring import from_signed, to_signed
from ahasd.private_inference.running.wiring import Wiring, gathered

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PublicPart:
    """What both parties know of a network: all but the weights.

    Attributes
    ----------
    network
        For one image.
    widths
        Of each layer.
    shifts
        Bits that each layer's requantisation drops.
    kept_shifts
        Bits by which a kept value is shifted up before it is added; 0 elsewhere.
    """

    network: Network
    widths: tuple[Widths, ...]
    shifts: tuple[int, ...]
    kept_shifts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QuantisedNetwork:
    """The server's network.

    Attributes
    ----------
    public
        What the client knows, too.
    weights
        Outputs x depth of each layer.
    biases
        Of each layer's outputs, in units of its sums.

    Raises
    ------
    AhasdError
        Weights do not have the shape of their layer, or are wider than they are said to be.
    """

    public: PublicPart
    weights: tuple[Integers, ...]
    biases: tuple[Integers, ...]

    def __post_init__(self) -> None:
        layers, widths = self.public.network.layers, self.public.widths
        for layer, width, weights, bias in zip(layers, widths, self.weights, self.biases, strict=True):
            due = (layer.shape.outputs, layer.shape.depth)
            if weights.shape != due or bias.shape != due[:1]:
                raise AhasdError(
                    f"{layer.name}: weights are {weights.shape}, biases {bias.shape}; due are {due}"
                )
            if np.abs(weights).max(initial=0) >= 1 << (width.weights - 1):
                raise AhasdError(f"{layer.name}: weights reach {np.abs(weights).max()}, too far for {width}")

    def outputs(self, images: Integers, wirings: Sequence[Wiring]) -> Integers:
        """Compute in the clear.

        Parameters
        ----------
        images
            Images x positions, as whole numbers of the first layer's width.

        Returns
        -------
        classes
            Sums of the last layer, classes x images.
        """
        public = self.public
        batched = public.network.batched(len(images))
        lowered = lower_network(batched, public.widths, PRIVQUANT, public.shifts)
        values = images.reshape(-1).astype(np.int64)
        kept = values
        for place, (found, wiring) in enumerate(zip(lowered, wirings, strict=True)):
            if found.layer.keeps_input:
                kept = values
            sums = self.weights[place] @ gathered(values, wiring.reads)[0]
            sums = sums + self.biases[place][:, None]
            if found.layer.adds_kept:
                sums = sums + (kept << public.kept_shifts[place]).reshape(sums.shape)
            sums = _wrapped(sums, found.ring_bits)
            if place + 1 == len(lowered):
                return sums
            ring = signed_ring(public.widths[place + 1].activations)
            values = np.maximum(_wrapped(sums >> found.shift, ring), 0).reshape(-1)
            if wiring.windows is not None:
                values = values[wiring.windows].max(axis=1)
        raise AssertionError("a network has a last layer")


def _wrapped(values: Integers, bits: int) -> Integers:
    """What a ring of so many bits keeps of signed values."""
    return to_signed(from_signed(values, bits), bits)
