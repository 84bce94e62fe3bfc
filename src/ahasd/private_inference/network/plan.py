"""What a private run of a network sends, layer by layer, before anyone runs it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.link import Link
from ahasd.private_inference.network.lowering import Incoming, LoweredLayer, lower
from ahasd.private_inference.network.rules import Rules
from ahasd.private_inference.network.widths import Widths
from ahasd.private_inference.protocols.transfer import (
    Party,
    Traffic,
    one_way_trips,
    payload_bits,
    wire_bytes,
)


@dataclass(frozen=True, slots=True)
class OperationCost:
    """What a protocol of a layer sends: bytes with frames, bits of payload, and one-way trips."""

    name: str
    bytes: int
    payload_bits: int
    trips: int
    sent_by_server: int


@dataclass(frozen=True, slots=True)
class LayerCost:
    """A layer's protocols, and what they send together."""

    lowered: LoweredLayer
    operations: tuple[OperationCost, ...]

    @property
    def name(self) -> str:
        """The layer's."""
        return self.lowered.layer.name

    @property
    def bytes(self) -> int:
        """Of both parties, frames included."""
        return sum(operation.bytes for operation in self.operations)

    @property
    def trips(self) -> int:
        """Messages that wait for one from the other side."""
        return sum(operation.trips for operation in self.operations)


@dataclass(frozen=True, slots=True)
class Plan:
    """A network under widths and rules.

    Attributes
    ----------
    network, widths, rules
        What was planned.
    layers
        What each sends; the set-up of a connection is not in it.
    """

    network: Network
    widths: tuple[Widths, ...]
    rules: Rules
    layers: tuple[LayerCost, ...]

    @property
    def bytes(self) -> int:
        """Of all layers."""
        return sum(layer.bytes for layer in self.layers)

    @property
    def trips(self) -> int:
        """Of all layers."""
        return sum(layer.trips for layer in self.layers)

    def seconds(self, link: Link) -> float:
        """Time on a link; computation, which can hide behind it or not, is not in it."""
        return link.seconds(self.bytes, self.trips)


def lower_network(
    network: Network,
    widths: Sequence[Widths],
    rules: Rules,
    shifts: Sequence[int] | None = None,
) -> list[LoweredLayer]:
    """List the protocols of every layer.

    Parameters
    ----------
    shifts
        Bits that each layer's requantisation drops; by default what the largest possible sums need.

    Raises
    ------
    AhasdError
        There are widths for another number of layers, or a ring is too wide.
    """
    if len(widths) != len(network.layers):
        raise AhasdError(
            f"{network.name} has {len(network.layers)} layers, and {len(widths)} widths are given"
        )
    found = []
    incoming = Incoming(widths[0].activations, clear=True)
    for place, (layer, own) in enumerate(zip(network.layers, widths, strict=True)):
        if layer.keeps_input:
            incoming = replace(
                incoming,
                kept_bits=own.activations,
                kept_non_negative=incoming.non_negative,
                kept_ring_bits=0,
            )
        if layer.on_kept and own.activations != incoming.kept_bits:
            raise AhasdError(
                f"{network.name}: {layer.name} reads the kept value of {incoming.kept_bits} bits, and its "
                f"activations are given {own.activations}"
            )
        output_bits = _output_bits(network, widths, place)
        shift = None if shifts is None else shifts[place]
        try:
            lowered = lower(layer, own, incoming, output_bits, rules, shift)
        except AhasdError as error:
            raise AhasdError(f"{network.name}, {layer.name}, {own}: {error}") from error
        found.append(lowered)
        incoming = _after(incoming, lowered, output_bits)
    return found


def plan(
    network: Network,
    widths: Sequence[Widths],
    rules: Rules,
    shifts: Sequence[int] | None = None,
) -> Plan:
    """Count the bytes of every layer; see `lower_network`."""
    costs, last = [], None
    for lowered in lower_network(network, widths, rules, shifts):
        operations = []
        for name, protocol in lowered.operations:
            traffic = protocol.traffic(rules.transfer)
            operations.append(_cost(name, traffic, last))
            last = traffic[-1].sender if traffic else last
        costs.append(LayerCost(lowered, tuple(operations)))
    return Plan(network, tuple(widths), rules, tuple(costs))


def _cost(name: str, traffic: Traffic, last: Party | None) -> OperationCost:
    by_server = wire_bytes(transfer for transfer in traffic if transfer.sender is Party.SERVER)
    return OperationCost(
        name, wire_bytes(traffic), payload_bits(traffic), one_way_trips(traffic, last), by_server
    )


def _output_bits(network: Network, widths: Sequence[Widths], place: int) -> int | None:
    """Width of what a layer makes: that at which it is read next; None for the last layer."""
    if place + 1 == len(network.layers):
        return None
    if network.layers[place].on_kept:
        return widths[place].activations
    for later, own in zip(network.layers[place + 1 :], widths[place + 1 :], strict=True):
        if not later.on_kept:
            return own.activations
    raise AhasdError(f"{network.name}: nothing reads what {network.layers[place].name} makes")


def _after(incoming: Incoming, lowered: LoweredLayer, output_bits: int | None) -> Incoming:
    """What the next layer finds."""
    layer = lowered.layer
    if output_bits is None:
        return incoming
    if layer.on_kept:
        return replace(incoming, kept_bits=output_bits, kept_non_negative=layer.relu, kept_ring_bits=0)
    return replace(
        incoming,
        activation_bits=output_bits,
        non_negative=layer.relu,
        clear=False,
        kept_ring_bits=lowered.ring_bits
        if layer.keeps_input and not incoming.clear
        else incoming.kept_ring_bits,
    )
