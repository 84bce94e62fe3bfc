"""Products of the server's weights and shared activations, one party's side each."""

import numpy as np
import numpy.typing as npt

from ahasd.private_inference.protocols.product import Product
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running.ring import Bits, Words, from_signed, modulo
from ahasd.private_inference.running.session import ClientTransfers, ServerTransfers
from ahasd.private_inference.running.shares import bit_of

Weights = npt.NDArray[np.int64]


def server_product(protocol: Product, weights: Weights, share: Words, transfers: ServerTransfers) -> Words:
    """Server's share of weights (groups x outputs x depth) times activations (groups x depth x positions)."""
    bits = protocol.ring_bits
    alone = from_signed(weights, bits) @ share
    shape = protocol.shape
    if protocol.receiver is Party.SERVER:
        narrow = from_signed(weights, protocol.weight_bits).reshape(-1)
        received = transfers.correlated_receiver.receive(
            _bit_planes(narrow, protocol.weight_bits), shape.positions, _widths(protocol)
        )
        return modulo(alone + _weighed(protocol, received), bits)
    # A column of weights for each element of the activations.
    columns = np.repeat(weights.transpose(0, 2, 1)[:, :, None, :], shape.positions, axis=2)
    differences = from_signed(columns, bits).reshape(-1, shape.outputs)
    kept = transfers.correlated_sender.send(differences, _widths(protocol))
    own = _added_up(protocol, kept)
    return modulo(alone - own, bits)


def client_product(protocol: Product, share: Words, transfers: ClientTransfers) -> Words:
    """Client's share of the same."""
    bits, shape = protocol.ring_bits, protocol.shape
    if protocol.receiver is Party.CLIENT:
        received = transfers.correlated_receiver.receive(
            _bit_planes(share.reshape(-1), protocol.choice_bits), shape.outputs, _widths(protocol)
        )
        return modulo(_added_up(protocol, received), bits)
    # A row of activations for each weight.
    rows = np.repeat(share[:, None], shape.outputs, axis=1).reshape(-1, shape.positions)
    kept = transfers.correlated_sender.send(rows, _widths(protocol))
    return modulo(np.uint64(0) - _weighed(protocol, kept), bits)


def _widths(protocol: Product) -> list[int]:
    return [protocol.ring_bits - place for place in range(protocol.choice_bits)]


def _bit_planes(values: Words, bits: int) -> Bits:
    """All lowest bits, then all next ones."""
    return np.concatenate([bit_of(values, place) for place in range(bits)])


def _weighed(protocol: Product, planes: list[Words]) -> Words:
    """Planes of (groups x outputs x depth) x positions, each times what its bit of a weight weighs, summed."""
    shape, top = protocol.shape, protocol.weight_bits - 1
    met = np.zeros_like(planes[0])
    for place, values in enumerate(planes):
        part = values << np.uint64(place)
        # Two's complement: the top bit of a signed weight counts down.
        met = met - part if place == top else met + part
    summed: Words = met.reshape(shape.groups, shape.outputs, shape.depth, shape.positions).sum(axis=2)
    return summed


def _added_up(protocol: Product, planes: list[Words]) -> Words:
    """Planes of (groups x depth x positions) x outputs, each at its place, summed over the depth."""
    shape = protocol.shape
    met = np.zeros_like(planes[0])
    for place, values in enumerate(planes):
        met = met + (values << np.uint64(place))
    parts = met.reshape(shape.groups, shape.depth, shape.positions, shape.outputs)
    summed: Words = parts.sum(axis=1).transpose(0, 2, 1)
    return summed
