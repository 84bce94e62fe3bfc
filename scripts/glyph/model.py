"""The digits' network in PyTorch: with floats, and with rounded weights and activations that pass gradients on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from ahasd.private_inference.network.glyph import SIDE, glyph_network
from ahasd.private_inference.network.widths import Widths

NETWORK = glyph_network()
#: Channels in and out, and stride, of the convolutions.
_CONVOLUTIONS = ((1, 8, 1), (8, 8, 1), (8, 8, 1), (8, 16, 2))
#: The layer that adds the shortcut, and then takes the maximum.
ADDING = 2


class GlyphNet(nn.Module):  # type: ignore[misc]
    """Four convolutions and a fully connected layer."""

    def __init__(self) -> None:
        super().__init__()
        convolutions = [nn.Conv2d(i, o, 3, stride, 1) for i, o, stride in _CONVOLUTIONS]
        self.layers = nn.ModuleList([*convolutions, nn.Linear(64, 10)])

    def forward(self, images: Tensor, quantiser: "Quantiser | None" = None) -> Tensor:
        """Scores of the classes; see `activations`."""
        return self.activations(images, quantiser)[-1]

    def activations(self, images: Tensor, quantiser: "Quantiser | None" = None) -> list[Tensor]:
        """What each layer reads, and the scores."""
        values = images.reshape(-1, 1, SIDE, SIDE)
        read = []
        kept = values
        for place, layer in enumerate(self.layers):
            if quantiser is not None:
                values = quantiser.activation(place, values)
            read.append(values)
            if place == 1:
                kept = values
            weight = layer.weight if quantiser is None else quantiser.weight(place, layer.weight)
            if place == len(_CONVOLUTIONS):
                values = functional.linear(values.flatten(1), weight, layer.bias)
                continue
            values = functional.conv2d(values, weight, layer.bias, _CONVOLUTIONS[place][2], 1)
            values = torch.relu(values + kept if place == ADDING else values)
            if place == ADDING:
                values = functional.max_pool2d(values, 2)
        return [*read, values]


@dataclass
class Quantiser:
    """Rounds to scales that are powers of two.

    Attributes
    ----------
    widths
        Of each layer.
    weight_scales, activation_scales
        A step of a layer's weights, or of the activations that it reads, is 2^-scale.
    overflow
        How far activations left their range in the last pass, squared: a penalty for training.
    """

    widths: Sequence[Widths]
    weight_scales: list[int]
    activation_scales: list[int]
    overflow: list[Tensor] = field(default_factory=list)

    def weight(self, place: int, weight: Tensor) -> Tensor:
        """Round, ties to even, and saturate."""
        limit = 2 ** (self.widths[place].weights - 1) - 1
        step = 2.0 ** -self.weight_scales[place]
        rounded = (weight / step).round().clamp(-limit, limit) * step
        return weight + (rounded - weight).detach()

    def activation(self, place: int, values: Tensor) -> Tensor:
        """Round down and saturate; the deployed network wraps instead, which the penalty keeps rare."""
        limit = 2 ** self.widths[place].activations - 1
        step = 2.0 ** -self.activation_scales[place]
        if place:
            self.overflow.append((torch.relu(values / step - limit * 0.95) / limit).square().mean())
        rounded = (values / step + 1e-6).floor().clamp(0, limit) * step
        clipped = values.clamp(0, (limit + 0.999) * step)
        return clipped + (rounded - clipped).detach()


def weight_scale(weight: Tensor, bits: int) -> int:
    """The power of two that rounds with the least squared error."""
    limit = 2 ** (bits - 1) - 1
    errors = {
        scale: float(
            ((weight * 2.0**scale).round().clamp(-limit, limit) / 2.0**scale - weight).square().sum()
        )
        for scale in range(-4, 12)
    }
    return min(errors, key=errors.__getitem__)


def activation_scale(largest: float, bits: int) -> int:
    """The finest power of two that holds the largest value."""
    scale = bits
    while largest * 2.0**scale > 2**bits:
        scale -= 1
    while largest * 2.0 ** (scale + 1) <= 2**bits:
        scale += 1
    return scale
