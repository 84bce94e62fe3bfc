"""How much the rounding of each layer's weights and activations weighs.

To second order the loss rises by half the trace of its Hessian over a layer's values times the variance of their
rounding (HAWQ-V2, Dong et al., NeurIPS 2020). Where a network was trained, trace and rounding are measured
(`Sensitivity`); of a network that is only a shape, every layer's relative error weighs the same (ours).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ahasd.errors import AhasdError
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.precision.choices import CHOICES, Floats
from ahasd.text_files import read_text


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Measured rises of the loss.

    Attributes
    ----------
    weights, activations
        Of each layer, one for each width that may be chosen.
    source
        Where they come from.
    """

    weights: tuple[tuple[float, ...], ...]
    activations: tuple[tuple[float, ...], ...]
    source: str

    def errors(self) -> list[Floats]:
        """Of each layer, weights' choices x activations' choices."""
        return [
            np.add.outer(np.array(weights), np.array(activations))
            for weights, activations in zip(self.weights, self.activations, strict=True)
        ]


def equal_sensitivity(network: Network) -> Sensitivity:
    """Every layer's relative error weighs the same: a bit less makes it four times as large in power.

    A product of activations has no weights that could be rounded.
    """
    power = tuple(4.0**-bits for bits in CHOICES)
    none = (0.0,) * len(CHOICES)
    return Sensitivity(
        tuple(none if layer.shared else power for layer in network.layers),
        tuple(power for _ in network.layers),
        "every layer's relative error weighs the same (no trained weights)",
    )


def read_sensitivity(path: Path, network: Network) -> Sensitivity:
    """Read a JSON file: ``{"weights": {layer: [rise at 2 bits, 3, … 8]}, "activations": {…}}``.

    Raises
    ------
    AhasdError
        It is no such file, or has other layers.
    """
    text = read_text(path, "sensitivity file")
    try:
        found = json.loads(text)
        parts = [_rows(found[part], network, path) for part in ("weights", "activations")]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise AhasdError(
            f"sensitivity file '{path}' must be JSON with 'weights' and 'activations', each {{layer: "
            f"[rise of the loss at {CHOICES[0]} bits, … at {CHOICES[-1]}]}} ({type(error).__name__}: {error})"
        ) from error
    source = found.get("source", f"'{path.name}'")
    return Sensitivity(parts[0], parts[1], str(source))


def _rows(table: dict[str, Sequence[float]], network: Network, path: Path) -> tuple[tuple[float, ...], ...]:
    rows = []
    for layer in network.layers:
        if layer.name not in table:
            raise AhasdError(f"sensitivity file '{path}' lacks layer '{layer.name}'")
        row = tuple(float(value) for value in table[layer.name])
        if len(row) != len(CHOICES) or not all(0 <= value < float("inf") for value in row):
            raise AhasdError(
                f"sensitivity file '{path}', {layer.name}: give {len(CHOICES)} finite rises, none negative"
            )
        rows.append(row)
    return tuple(rows)
