"""Two parties in two threads, joined by a pair of sockets."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from ahasd.private_inference.network.glyph import glyph_network
from ahasd.private_inference.network.plan import lower_network
from ahasd.private_inference.network.rules import PRIVQUANT
from ahasd.private_inference.network.widths import read_widths
from ahasd.private_inference.running.channel import Channel
from ahasd.private_inference.running.quantised import PublicPart, QuantisedNetwork
from ahasd.private_inference.running.session import open_client, open_server
from ahasd.private_inference.running.shares import ClientShares, ServerShares

TIMEOUT_S = 60.0


class TwoParties:
    """Both sides of a session: their channels, their shares, and a way to let both work at once."""

    def __init__(self) -> None:
        ends = socket.socketpair()
        self.server_channel, self.client_channel = (Channel(end, TIMEOUT_S) for end in ends)
        self._threads = ThreadPoolExecutor(2)
        transfers = self.at_once(
            lambda: open_server(self.server_channel), lambda: open_client(self.client_channel)
        )
        self.server, self.client = ServerShares(transfers[0]), ClientShares(transfers[1])

    def at_once(self, server: Callable[[], Any], client: Callable[[], Any]) -> tuple[Any, Any]:
        """Let both work, and hand back what they return."""
        both = self._threads.submit(server), self._threads.submit(client)
        return both[0].result(TIMEOUT_S), both[1].result(TIMEOUT_S)

    def close(self) -> None:
        for channel in (self.server_channel, self.client_channel):
            channel.__exit__(None, None, None)
        self._threads.shutdown()


@pytest.fixture(scope="module")
def parties() -> Iterator[TwoParties]:
    found = TwoParties()
    yield found
    found.close()


@pytest.fixture
def random_network() -> Callable[..., QuantisedNetwork]:
    """The digits' network with random weights, whose sums use their rings."""

    def make(widths: str, seed: int = 0) -> QuantisedNetwork:
        random = np.random.default_rng(seed)
        network = glyph_network()
        own = read_widths(widths, len(network.layers))
        shifts = tuple(max(0, each.shift - 3) for each in lower_network(network, own, PRIVQUANT))
        weights = []
        for layer, width in zip(network.layers, own, strict=True):
            limit = 2 ** (width.weights - 1) - 1
            weights.append(random.integers(-limit, limit + 1, (layer.shape.outputs, layer.shape.depth)))
        biases = tuple(random.integers(-20, 20, layer.shape.outputs) for layer in network.layers)
        return QuantisedNetwork(PublicPart(network, own, shifts, (0, 0, 1, 0, 0)), tuple(weights), biases)

    return make
