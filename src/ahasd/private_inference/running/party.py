"""Being one party: connect, shake hands, run the batches, and keep account."""

import time

import numpy as np

from ahasd.private_inference.network.lowering import LoweredLayer
from ahasd.private_inference.network.plan import lower_network, plan
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running.channel import Channel
from ahasd.private_inference.running.execution import ClientExecution, Counted, Execution, ServerExecution
from ahasd.private_inference.running.outcome import RunOutcome, RunRequest
from ahasd.private_inference.running.quantised import Integers, QuantisedNetwork
from ahasd.private_inference.running.session import open_client, open_server, setup_bytes, shake_hands
from ahasd.private_inference.running.shares import ClientShares, ServerShares
from ahasd.private_inference.running.wiring import glyph_wirings


def run_server(channel: Channel, key: bytes, request: RunRequest, network: QuantisedNetwork) -> RunOutcome:
    """Serve one client; the server's share of the client's input is zero."""
    shake_hands(channel, Party.SERVER, key, request.digest())
    shares = ServerShares(open_server(channel))
    account = _Account(Party.SERVER, channel, request)
    for images in request.batches:
        execution = ServerExecution(channel, shares, network, account.lowered(images), glyph_wirings(images))
        account.add(execution, images, np.zeros((images, request.public.network.layers[0].inputs), np.int64))
    return account.outcome()


def run_client(channel: Channel, key: bytes, request: RunRequest, images: Integers) -> RunOutcome:
    """Have images (images x positions, whole numbers of the first layer's width) classified."""
    shake_hands(channel, Party.CLIENT, key, request.digest())
    shares = ClientShares(open_client(channel))
    account = _Account(Party.CLIENT, channel, request)
    start = 0
    for count in request.batches:
        execution = ClientExecution(
            channel, shares, request.public, account.lowered(count), glyph_wirings(count)
        )
        account.add(execution, count, images[start : start + count])
        start += count
    return account.outcome()


class _Account:
    """Predicted and counted bytes over the batches of a run."""

    def __init__(self, party: Party, channel: Channel, request: RunRequest) -> None:
        self._party, self._request = party, request
        self._setup = channel.total
        self._predicted: list[Counted] = []
        self._counted: list[Counted] = []
        self._trips = 0
        self._sums: list[Integers] = []
        self._started = time.perf_counter()

    def lowered(self, images: int) -> list[LoweredLayer]:
        """The protocols of a batch."""
        public = self._request.public
        return lower_network(
            public.network.batched(images), public.widths, self._request.rules, public.shifts
        )

    def add(self, execution: Execution, images: int, own: Integers) -> None:
        """Run a batch and add its figures."""
        public = self._request.public
        found = plan(public.network.batched(images), public.widths, self._request.rules, public.shifts)
        planned = [
            Counted(layer.name, part.name, part.bytes) for layer in found.layers for part in layer.operations
        ]
        sums = execution.run(own.reshape(-1).astype(np.uint64))
        self._predicted = _added(self._predicted, planned)
        self._counted = _added(self._counted, execution.counted)
        self._trips += found.trips
        if sums is not None:
            self._sums.append(sums)

    def outcome(self) -> RunOutcome:
        """The whole run."""
        return RunOutcome(
            self._party,
            tuple(self._predicted),
            tuple(self._counted),
            setup_bytes(),
            self._setup,
            time.perf_counter() - self._started,
            self._trips,
            np.concatenate(self._sums, axis=1) if self._sums else None,
        )


def _added(so_far: list[Counted], batch: list[Counted]) -> list[Counted]:
    if not so_far:
        return list(batch)
    return [
        Counted(old.layer, old.operation, old.bytes + new.bytes)
        for old, new in zip(so_far, batch, strict=True)
    ]
