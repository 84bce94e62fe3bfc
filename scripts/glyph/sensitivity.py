"""How the loss of the trained network curves: traces of Hessians by Hutchinson's estimate, and rounding errors."""

import torch
from torch import Tensor
from torch.nn import functional

from ahasd.private_inference.precision.choices import CHOICES
from ahasd.private_inference.precision.sensitivity import Sensitivity
from glyph.model import GlyphNet, Quantiser, activation_scale, weight_scale

#: Random vectors for each trace (ours).
PROBES = 40


def measured_sensitivity(model: GlyphNet, images: Tensor, digits: Tensor) -> Sensitivity:
    """Half the mean curvature times the squared rounding error, of weights and of activations."""
    weights = [layer.weight for layer in model.layers]
    read = model.activations(images)[:-1]
    loss = functional.cross_entropy(model(images), digits)
    of_weights = [
        trace / weight.numel() for trace, weight in zip(_traces(loss, weights), weights, strict=True)
    ]
    rows = []
    for weight, curvature in zip(weights, of_weights, strict=True):
        row = []
        for bits in CHOICES:
            limit, step = 2 ** (bits - 1) - 1, 2.0 ** -weight_scale(weight.detach(), bits)
            rounded = (weight / step).round().clamp(-limit, limit) * step
            row.append(0.5 * max(curvature, 0.0) * float((rounded - weight).detach().square().sum()))
        rows.append(tuple(row))
    of_inputs = _activation_traces(model, images, digits)
    input_rows = []
    for values, curvature in zip(read, of_inputs, strict=True):
        row = []
        for bits in CHOICES:
            step = 2.0 ** -activation_scale(float(values.detach().max()), bits)
            # Rounding down errs by half a step in the mean, which training can take back; its variance stays.
            error = (values / step).floor() * step - values
            row.append(0.5 * max(curvature, 0.0) * float(error.detach().var()))
        input_rows.append(tuple(row))
    source = f"Hutchinson traces of the trained network, {PROBES} probes"
    return Sensitivity(tuple(rows), tuple(input_rows), source)


def _traces(loss: Tensor, values: list[Tensor]) -> list[float]:
    gradients = torch.autograd.grad(loss, values, create_graph=True)
    totals = [0.0] * len(values)
    for _ in range(PROBES):
        probes = [torch.randint(0, 2, value.shape).float() * 2 - 1 for value in values]
        for place, (gradient, probe) in enumerate(zip(gradients, probes, strict=True)):
            (product,) = torch.autograd.grad(
                gradient, values[place], probe, retain_graph=True, allow_unused=True
            )
            totals[place] += float((product * probe).sum()) if product is not None else 0.0
    return [total / PROBES for total in totals]


class _Adding(Quantiser):
    """Adds to what one layer reads, and rounds nothing."""

    def __init__(self, place: int) -> None:
        super().__init__((), [], [])
        self.place = place
        self.added: list[Tensor] = []

    def weight(self, place: int, weight: Tensor) -> Tensor:
        return weight

    def activation(self, place: int, values: Tensor) -> Tensor:
        if place != self.place:
            return values
        self.added = [torch.zeros_like(values, requires_grad=True)]
        return values + self.added[0]


def _activation_traces(model: GlyphNet, images: Tensor, digits: Tensor) -> list[float]:
    """Trace over all activations of an image that a layer reads, in the mean over images."""
    found = []
    for place in range(len(model.layers)):
        adding = _Adding(place)
        loss = functional.cross_entropy(model(images, adding), digits, reduction="sum")
        (trace,) = _traces(loss, adding.added)
        found.append(trace / len(images))
    return found
