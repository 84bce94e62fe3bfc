"""Running a network's protocols as one party, every one of them counted."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ahasd.private_inference.network.lowering import LoweredLayer, signed_ring
from ahasd.private_inference.protocols.activation import MaximumPool, Relu
from ahasd.private_inference.protocols.conversion import Extension, Opening, Truncation
from ahasd.private_inference.protocols.product import Product
from ahasd.private_inference.protocols.protocol import Protocol
from ahasd.private_inference.protocols.transfer import packed
from ahasd.private_inference.running.channel import Channel
from ahasd.private_inference.running.products import client_product, server_product
from ahasd.private_inference.running.quantised import Integers, PublicPart, QuantisedNetwork
from ahasd.private_inference.running.ring import Words, from_signed, modulo, pack, to_signed, unpack
from ahasd.private_inference.running.shares import ClientShares, ServerShares, Shares
from ahasd.private_inference.running.wiring import Wiring, gathered


class Counted(NamedTuple):
    """Bytes that went over the socket in both directions while a protocol ran."""

    layer: str
    operation: str
    bytes: int


class Execution(ABC):
    """One party's walk over the layers.

    Parameters
    ----------
    channel
        To the peer.
    shares
        This party's side of the protocols.
    public
        The network as both know it.
    lowered, wirings
        Its protocols and what they read, for as many images as run together.
    """

    def __init__(
        self,
        channel: Channel,
        shares: Shares,
        public: PublicPart,
        lowered: Sequence[LoweredLayer],
        wirings: Sequence[Wiring],
    ) -> None:
        self.channel, self.shares, self.public = channel, shares, public
        self.lowered, self.wirings = lowered, wirings
        #: What each protocol sent, in order.
        self.counted: list[Counted] = []

    def run(self, own_input: Words) -> Integers | None:
        """Run all layers; the classes' sums (classes x images) at the client, None at the server."""
        values = kept = reused = own_input
        for place, (layer, wiring) in enumerate(zip(self.lowered, self.wirings, strict=True)):
            if layer.layer.keeps_input:
                kept = reused = values
            for name, protocol in layer.operations:
                before = self.channel.total
                match name, protocol:
                    case "extend", Extension():
                        values = self.shares.extended(protocol, values)
                        if layer.layer.keeps_input:
                            reused = values
                    case "extend kept", Extension():
                        whole = reused if protocol.from_bits != signed_ring(self._kept_bits(place)) else kept
                        added = self.shares.extended(protocol, whole)
                        shift = np.uint64(self.public.kept_shifts[place])
                        values = modulo(values + (added << shift), layer.ring_bits)
                    case "multiply", Product():
                        met = gathered(values, wiring.reads)
                        values = self.product(place, protocol, met).reshape(-1)
                    case "open", Opening():
                        result = self.opened(protocol, values)
                    case _:
                        values = self._requantised(protocol, values, wiring)
                self.counted.append(Counted(layer.layer.name, name, self.channel.total - before))
        return result

    @abstractmethod
    def product(self, place: int, protocol: Product, share: Words) -> Words:
        """Share a product."""

    @abstractmethod
    def opened(self, protocol: Opening, share: Words) -> Integers | None:
        """The result, at the client."""

    def _kept_bits(self, place: int) -> int:
        """Width of the value that is kept when a layer adds it."""
        keeping = [at for at in range(place + 1) if self.lowered[at].layer.keeps_input]
        return self.public.widths[keeping[-1]].activations

    def _requantised(self, protocol: Protocol, values: Words, wiring: Wiring) -> Words:
        match protocol:
            case Truncation():
                return self.shares.truncated(protocol, values)
            case Extension():
                return self.shares.extended(protocol, values)
            case Relu():
                return self.shares.relu(protocol, modulo(values, protocol.bits))
            case MaximumPool():
                assert wiring.windows is not None
                return self.shares.maximum(protocol, values[wiring.windows])
        raise AssertionError(f"{protocol} is planned, and not run")


class ServerExecution(Execution):
    """The server's walk: it knows the weights, and learns nothing."""

    def __init__(
        self,
        channel: Channel,
        shares: ServerShares,
        network: QuantisedNetwork,
        lowered: Sequence[LoweredLayer],
        wirings: Sequence[Wiring],
    ) -> None:
        super().__init__(channel, shares, network.public, lowered, wirings)
        self._server, self._network = shares, network

    def product(self, place: int, protocol: Product, share: Words) -> Words:
        """See `Execution`; the server adds the biases."""
        met = server_product(protocol, self._network.weights[place][None], share, self._server.transfers)
        bias = from_signed(self._network.biases[place], protocol.ring_bits)
        return modulo(met + bias[None, :, None], protocol.ring_bits)

    def opened(self, protocol: Opening, share: Words) -> None:
        """See `Execution`."""
        self.channel.send(pack(share, protocol.bits))


class ClientExecution(Execution):
    """The client's walk: it knows the images, and learns the classes' sums."""

    def __init__(
        self,
        channel: Channel,
        shares: ClientShares,
        public: PublicPart,
        lowered: Sequence[LoweredLayer],
        wirings: Sequence[Wiring],
    ) -> None:
        super().__init__(channel, shares, public, lowered, wirings)
        self._client = shares

    def product(self, place: int, protocol: Product, share: Words) -> Words:
        """See `Execution`."""
        return client_product(protocol, share, self._client.transfers)

    def opened(self, protocol: Opening, share: Words) -> Integers:
        """See `Execution`."""
        data = self.channel.receive(packed(protocol.elements, protocol.bits))
        theirs = unpack(data, protocol.elements, protocol.bits)
        sums = to_signed(modulo(theirs + share, protocol.bits), protocol.bits)
        return sums.reshape(self.lowered[-1].layer.shape.outputs, -1)
