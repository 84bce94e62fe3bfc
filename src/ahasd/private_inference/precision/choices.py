"""The widths that an optimiser may choose, and what each choice costs and errs, layer by layer.

What a layer sends depends on its own widths, on the width at which its result is read next, and, where it adds a kept
value, on the ring in which that stands: its width and a sign, or, if rules let extensions be reused, the ring of the
product that read it first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.network.layer import Layer, Network
from ahasd.private_inference.network.link import Link
from ahasd.private_inference.network.lowering import (
    Incoming,
    accumulator_bits,
    requantised,
    signed_ring,
    up_to_sums,
)
from ahasd.private_inference.network.rules import Rules
from ahasd.private_inference.network.widths import Widths
from ahasd.private_inference.protocols.conversion import Extension, Opening, Sign
from ahasd.private_inference.protocols.protocol import Protocol
from ahasd.private_inference.protocols.transfer import Traffic, one_way_trips, wire_bytes

Floats = npt.NDArray[np.float64]

#: Bits of weights and of activations that may be chosen: PrivQuant's.
CHOICES = (2, 3, 4, 5, 6, 7, 8)
_COUNT = len(CHOICES)

#: Rings in which a kept value may stand: numbers up to this (the widest of 8-bit products of any depth here).
RINGS = 64

Cost = Callable[[Traffic], float]


def byte_cost(traffic: Traffic) -> float:
    """Bytes on the socket."""
    return float(wire_bytes(traffic))


def second_cost(link: Link) -> Cost:
    """Seconds on a link, each layer for itself: messages that could share a trip with the layer before do not."""
    return lambda traffic: link.seconds(wire_bytes(traffic), one_way_trips(traffic))


@dataclass(frozen=True, slots=True)
class LayerChoices:
    """A layer's table.

    Attributes
    ----------
    layer
        Which.
    costs
        Weights' choices x activations' choices x the next reader's choices; the last axis has length 1 where no one
        reads on, or where the kept value keeps its width.
    kept_costs
        Ring of the kept value x ring of the product: what extending it costs; None where none is added.
    errors
        Weights' x activations' choices.
    rings
        Of the product, weights' x activations' choices.
    reuses
        Whether a later sum can take what this layer reads as it was extended for the product.
    """

    layer: Layer
    costs: Floats
    kept_costs: Floats | None
    errors: Floats
    rings: npt.NDArray[np.int64]
    reuses: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Widths to be chosen for a network.

    Attributes
    ----------
    network, rules
        Of the plan.
    layers
        Tables in order.
    """

    network: Network
    rules: Rules
    layers: tuple[LayerChoices, ...]

    def widths(self, chosen: Sequence[tuple[int, int]]) -> tuple[Widths, ...]:
        """Widths of choices by their numbers."""
        return tuple(Widths(CHOICES[weights], CHOICES[activations]) for weights, activations in chosen)

    def evaluate(self, chosen: Sequence[tuple[int, int]]) -> tuple[float, float]:
        """Cost and error of choices by their numbers."""
        cost = error = 0.0
        ring = 0
        for place, (table, (w, a)) in enumerate(zip(self.layers, chosen, strict=True)):
            layer = table.layer
            if layer.keeps_input:
                ring = self.kept_ring(place, w, a)
            if layer.on_kept:
                ring = signed_ring(CHOICES[a])
            cost += float(table.costs[w, a, self.next_choice(place, chosen)])
            error += float(table.errors[w, a])
            if layer.adds_kept:
                assert table.kept_costs is not None
                cost += float(table.kept_costs[ring, table.rings[w, a]])
        return cost, error

    def kept_ring(self, place: int, w: int, a: int) -> int:
        """Ring in which a value is kept by the layer that reads it with these choices."""
        own = signed_ring(CHOICES[a])
        return max(own, int(self.layers[place].rings[w, a])) if self.layers[place].reuses else own

    def next_choice(self, place: int, chosen: Sequence[tuple[int, int]]) -> int:
        """Number of the width at which the result is read next."""
        if self.layers[place].costs.shape[2] == 1:
            return 0
        following = range(place + 1, len(self.layers))
        return next(chosen[later][1] for later in following if not self.layers[later].layer.on_kept)


def problem(network: Network, rules: Rules, errors: Sequence[Floats], cost: Cost = byte_cost) -> Problem:
    """Make the tables of a network.

    Parameters
    ----------
    errors
        Of each layer, weights' choices x activations' choices.
    cost
        What a layer's messages cost.
    """

    @cache
    def table(layer: Layer, non_negative: bool, first: bool, last: bool, kept: bool) -> LayerChoices:
        return _table(layer, Incoming(0, non_negative, first, kept_non_negative=kept), last, rules, cost)

    found = []
    non_negative = kept = True
    for place, (layer, error) in enumerate(zip(network.layers, errors, strict=True)):
        if layer.keeps_input:
            kept = non_negative
        last = place + 1 == len(network.layers)
        # Layers of one shape share a table whatever their names are.
        shared = table(replace(layer, name=""), non_negative, place == 0, last, kept)
        reuses = rules.reuse_extension and rules.known_sign and non_negative and place > 0
        found.append(LayerChoices(layer, shared.costs, shared.kept_costs, error, shared.rings, reuses))
        if layer.on_kept:
            kept = layer.relu
        else:
            non_negative = layer.relu
    return Problem(network, rules, tuple(found))


def _table(layer: Layer, incoming: Incoming, last: bool, rules: Rules, cost: Cost) -> LayerChoices:
    fixed = last or layer.on_kept
    costs = np.zeros((_COUNT, _COUNT, 1 if fixed else _COUNT))
    rings = np.zeros((_COUNT, _COUNT), np.int64)

    def sent(operations: Sequence[tuple[str, Protocol]]) -> Traffic:
        parts = (p.traffic(rules.transfer) for name, p in operations if name != "extend kept")
        return tuple(transfer for part in parts for transfer in part)

    @cache
    def after(ring: int, output: int | None) -> Traffic:
        if output is None:
            return Opening(layer.outputs, ring).traffic(rules.transfer)
        return sent(requantised(layer, ring, max(0, ring - signed_ring(output)), output, rules))

    for w, weights in enumerate(CHOICES):
        for a, activations in enumerate(CHOICES):
            widths = Widths(weights, activations)
            ring = accumulator_bits(layer, widths)
            before = sent(up_to_sums(layer, widths, incoming, ring, rules))
            outputs = (None,) if last else (activations,) if layer.on_kept else CHOICES
            costs[w, a] = [cost(before + after(ring, output)) for output in outputs]
            rings[w, a] = ring
    return LayerChoices(layer, costs, _kept_costs(layer, incoming, rings, rules, cost), np.zeros(0), rings)


def _kept_costs(
    layer: Layer, incoming: Incoming, rings: npt.NDArray[np.int64], rules: Rules, cost: Cost
) -> Floats | None:
    if not layer.adds_kept:
        return None
    sign = Sign.NON_NEGATIVE if incoming.kept_non_negative and rules.known_sign else Sign.SIGNED
    found = np.zeros((RINGS, RINGS))
    for start in range(CHOICES[0] + 1, RINGS):
        for end in np.unique(rings):
            protocol = Extension(layer.outputs, start, int(end), sign)
            found[start, end] = cost(protocol.traffic(rules.transfer))
    return found
