"""The protocols for real: right results, bytes as the formulas say, and shares that tell nothing."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from ahasd.private_inference.network.plan import lower_network, plan
from ahasd.private_inference.network.rules import PRIVQUANT, SIRNN
from ahasd.private_inference.protocols.activation import MaximumPool, Relu
from ahasd.private_inference.protocols.comparison import Carry
from ahasd.private_inference.protocols.conversion import BitToNumber, Extension, Sign, Truncation
from ahasd.private_inference.protocols.oblivious_transfer import IKNP
from ahasd.private_inference.protocols.product import Product, Shape
from ahasd.private_inference.protocols.protocol import socket_bytes
from ahasd.private_inference.protocols.transfer import Party
from ahasd.private_inference.running import base_transfer, transfers
from ahasd.private_inference.running.channel import Channel
from ahasd.private_inference.running.execution import ClientExecution, ServerExecution
from ahasd.private_inference.running.hashing import hashed_bytes, hashed_words
from ahasd.private_inference.running.products import client_product, server_product
from ahasd.private_inference.running.ring import from_signed, modulo, pack, random_words, to_signed, unpack
from ahasd.private_inference.running.wiring import glyph_wirings

COUNT = 300


def shared(values, bits):
    """Split values into two shares, the first uniform."""
    whole = from_signed(np.asarray(values, np.int64), bits)
    first = random_words(whole.size, bits).reshape(whole.shape)
    return first, modulo(whole - first, bits)


def opened(shares, bits):
    return to_signed(modulo(shares[0] + shares[1], bits), bits)


def counted(parties, work):
    before = parties.client_channel.total
    result = work()
    return result, parties.client_channel.total - before


def every_value(bits):
    """Signed values of a ring, ends included."""
    limit = 1 << (bits - 1)
    values = (
        np.arange(-limit, limit) if bits <= 8 else np.random.default_rng(bits).integers(-limit, limit, COUNT)
    )
    return np.concatenate([values, [-limit, limit - 1, 0, -1]])


@pytest.mark.parametrize("bits", [1, 3, 4, 5, 8, 9, 13, 21, 33])
def test_carry(parties, bits) -> None:
    left, right = random_words(COUNT, bits), random_words(COUNT, bits)
    right[:40] = np.uint64((1 << bits) - 1) - left[:40]  # the sum is just below a carry,
    right[20:40] = modulo(right[20:40] + np.uint64(1), bits)  # or just at it, or wraps to nothing
    protocol = Carry(COUNT, bits)
    (a, b), sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: parties.server.carry(protocol, left), lambda: parties.client.carry(protocol, right)
        ),
    )
    assert np.array_equal(a ^ b, (left + right) >> np.uint64(bits) & np.uint64(1))
    assert sent == socket_bytes(protocol, IKNP)


@pytest.mark.parametrize(
    ("start", "end", "sign"),
    [
        (5, 12, Sign.SIGNED),
        (8, 9, Sign.SIGNED),
        (13, 30, Sign.SIGNED),
        (5, 12, Sign.NON_NEGATIVE),
        (9, 40, Sign.NON_NEGATIVE),
        (12, 5, Sign.SIGNED),
        (3, 3, Sign.SIGNED),
    ],
)
def test_extension(parties, start, end, sign) -> None:
    values = every_value(start)
    values = values[values >= 0] if sign is Sign.NON_NEGATIVE else values
    left, right = shared(values, start)
    protocol = Extension(values.size, start, end, sign)
    found, sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: parties.server.extended(protocol, left), lambda: parties.client.extended(protocol, right)
        ),
    )
    assert np.array_equal(opened(found, end), to_signed(from_signed(values, end), end))
    assert sent == socket_bytes(protocol, IKNP)


def test_unsigned_extension(parties) -> None:
    values = np.arange(64)
    left, right = shared(values, 6)
    protocol = Extension(64, 6, 10, Sign.UNSIGNED)
    found = parties.at_once(
        lambda: parties.server.extended(protocol, left), lambda: parties.client.extended(protocol, right)
    )
    assert np.array_equal(modulo(found[0] + found[1], 10), values)


def test_a_sign_that_is_wrongly_taken_as_known_gives_wrong_values(parties) -> None:
    values = np.arange(-16, 16)
    left, right = shared(values, 5)
    protocol = Extension(values.size, 5, 12, Sign.NON_NEGATIVE)
    found = opened(
        parties.at_once(
            lambda: parties.server.extended(protocol, left), lambda: parties.client.extended(protocol, right)
        ),
        12,
    )
    assert np.array_equal(found[values >= 0], values[values >= 0])
    assert (found[values < 0] != values[values < 0]).any()


@pytest.mark.parametrize(
    ("start", "shift", "end"), [(8, 3, 5), (8, 3, 4), (12, 7, 5), (20, 1, 19), (9, 0, 6), (8, 7, 1)]
)
def test_truncation_rounds_down(parties, start, shift, end) -> None:
    values = every_value(start)
    left, right = shared(values, start)
    protocol = Truncation(values.size, start, shift, end)
    found, sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: parties.server.truncated(protocol, left),
            lambda: parties.client.truncated(protocol, right),
        ),
    )
    assert np.array_equal(modulo(found[0] + found[1], end), from_signed(values >> shift, end))
    assert sent == socket_bytes(protocol, IKNP)


@pytest.mark.parametrize("bits", [2, 5, 8, 17])
def test_relu(parties, bits) -> None:
    values = every_value(bits)
    left, right = shared(values, bits)
    protocol = Relu(values.size, bits)
    found, sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: parties.server.relu(protocol, left), lambda: parties.client.relu(protocol, right)
        ),
    )
    assert np.array_equal(opened(found, bits), np.maximum(values, 0))
    assert sent == socket_bytes(protocol, IKNP)


@pytest.mark.parametrize("window", [1, 2, 3, 4, 9])
def test_maximum(parties, window) -> None:
    values = np.random.default_rng(window).integers(0, 16, (50, window))
    left, right = shared(values, 5)
    protocol = MaximumPool(50, window, 5)
    found, sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: parties.server.maximum(protocol, left), lambda: parties.client.maximum(protocol, right)
        ),
    )
    assert np.array_equal(opened(found, 5), values.max(axis=1))
    assert sent == socket_bytes(protocol, IKNP)


def test_a_bit_becomes_a_number(parties) -> None:
    left, right = np.array([0, 0, 1, 1], np.uint8), np.array([0, 1, 0, 1], np.uint8)
    protocol = BitToNumber(4, 7)
    a, b = parties.at_once(
        lambda: parties.server.number(protocol, left), lambda: parties.client.number(protocol, right)
    )
    assert np.array_equal(modulo(a + b, 7), left ^ right)


@pytest.mark.parametrize("receiver", list(Party))
@pytest.mark.parametrize(
    ("shape", "weight_bits", "ring"),
    [(Shape(3, 7, 5), 4, 12), (Shape(4, 2, 1, 3), 2, 9), (Shape(2, 5, 33), 8, 40), (Shape(2, 3, 2), 5, 5)],
)
def test_product(parties, receiver, shape, weight_bits, ring) -> None:
    random = np.random.default_rng(ring)
    limit = 1 << (weight_bits - 1)
    weights = random.integers(-limit, limit, (shape.groups, shape.outputs, shape.depth))
    values = random.integers(0, 1 << (ring - 1), (shape.groups, shape.depth, shape.positions))
    left, right = shared(values, ring)
    protocol = Product(shape, weight_bits, ring, receiver)
    (a, b), sent = counted(
        parties,
        lambda: parties.at_once(
            lambda: server_product(protocol, weights, left, parties.server.transfers),
            lambda: client_product(protocol, right, parties.client.transfers),
        ),
    )
    assert np.array_equal(modulo(a + b, ring), from_signed(weights @ values, ring))
    assert sent == socket_bytes(protocol, IKNP)


def run_network(parties, network, images, rules):
    """Outputs, and what each party counted."""
    public, count = network.public, len(images)
    lowered = lower_network(public.network.batched(count), public.widths, rules, public.shifts)
    wirings = glyph_wirings(count)
    server = ServerExecution(parties.server_channel, parties.server, network, lowered, wirings)
    client = ClientExecution(parties.client_channel, parties.client, public, lowered, wirings)
    own = images.reshape(-1).astype(np.uint64)
    _, sums = parties.at_once(lambda: server.run(np.zeros_like(own)), lambda: client.run(own))
    return sums, server.counted, client.counted


ALL_RULES = [
    PRIVQUANT,
    SIRNN,
    replace(PRIVQUANT, skip_extension=False),
    replace(PRIVQUANT, known_sign=False),
    replace(PRIVQUANT, reuse_extension=False),
    replace(PRIVQUANT, receiver="server"),
    replace(PRIVQUANT, receiver="client"),
]


@pytest.mark.parametrize("widths", ["w4a4", "w2a3", "w8a8", "w4a4,w2a6,w3a5,w5a2,w4a4"])
def test_rules_change_bytes_and_no_output(parties, random_network, widths) -> None:
    network = random_network(widths)
    images = np.random.default_rng(1).integers(0, 2 ** network.public.widths[0].activations, (2, 64))
    expected = network.outputs(images, glyph_wirings(2))
    sent = set()
    for rules in ALL_RULES:
        sums, at_server, at_client = run_network(parties, network, images, rules)
        assert np.array_equal(sums, expected)
        public = network.public
        found = plan(public.network.batched(2), public.widths, rules, public.shifts)
        predicted = [
            (layer.name, part.name, part.bytes) for layer in found.layers for part in layer.operations
        ]
        assert predicted == [tuple(each) for each in at_server] == [tuple(each) for each in at_client]
        sent.add(found.bytes)
    assert len(sent) >= 5


def chi_squared(values, classes) -> float:
    """Beyond what uniform values give, in standard deviations of a normal one (Wilson and Hilferty, 1931).

    Of few classes chi-squared itself has a tail so long that seven of its own deviations come by chance.
    """
    found = np.bincount(np.asarray(values).reshape(-1).astype(np.int64), minlength=classes)
    expected = found.sum() / classes
    freedom = classes - 1
    spread = 2 / (9 * freedom)
    ratio = ((found - expected) ** 2 / expected).sum() / freedom
    return float((np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread))


#: Standard deviations beyond which shares are not uniform; by chance once in some 10^11.
UNLIKELY = 7.0


@pytest.mark.parametrize("value", [0, 15, -16])
def test_each_share_is_uniform_whatever_the_values_are(parties, value) -> None:
    left, right = shared(np.full(4000, value), 5)
    relu, extension = Relu(4000, 5), Extension(4000, 5, 12, Sign.SIGNED)

    def work(own, values):
        return own.relu(relu, values), own.extended(extension, values)

    both = parties.at_once(lambda: work(parties.server, left), lambda: work(parties.client, right))
    for side in both:
        assert chi_squared(side[0], 32) < UNLIKELY
        assert chi_squared(side[1] & np.uint64(255), 256) < UNLIKELY
    # The negative control: the value itself is anything but uniform.
    assert chi_squared(opened((both[0][0], both[1][0]), 5) % 32, 32) > 100


class Listening:
    """A channel that remembers what it received."""

    def __init__(self, channel) -> None:
        self.channel, self.heard = channel, []

    def __getattr__(self, name):
        return getattr(self.channel, name)

    def receive(self, expected):
        self.heard.append(self.channel.receive(expected))
        return self.heard[-1]


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("pixel", [0, 15])
def test_what_a_party_receives_looks_random_whatever_the_other_holds(
    parties, random_network, monkeypatch, side, pixel
) -> None:
    network = random_network("w4a4", seed=pixel)
    ends = getattr(parties, side).transfers
    listening = Listening(getattr(parties, f"{side}_channel"))
    for end in vars(ends).values():
        monkeypatch.setattr(end, "channel", listening)
    run_network(parties, network, np.full((2, 64), pixel), PRIVQUANT)
    heard = b"".join(message for message in listening.heard if len(message) >= 64)
    assert len(heard) > 100_000
    assert chi_squared(np.frombuffer(heard, np.uint8), 256) < UNLIKELY
    # The negative control: the images themselves, packed as a share would be.
    assert chi_squared(np.frombuffer(pack(np.full(4000, pixel, np.uint64), 4), np.uint8), 256) > 100


@pytest.mark.parametrize("bits", [1, 3, 8, 13, 32, 63])
def test_packing_is_undone_by_unpacking(bits) -> None:
    for count in (0, 1, 7, 70_000):
        values = random_words(count, bits)
        data = pack(values, bits)
        assert len(data) == -(-count * bits // 8)
        assert np.array_equal(unpack(data, count, bits), values)


@pytest.mark.parametrize("bits", [3, 9, 17])
def test_the_bits_of_a_comparison_are_uniform_where_everything_is_constant(
    parties, monkeypatch, bits
) -> None:
    values = modulo(np.full(4000, 200, np.uint64), bits)
    many, told = parties.client.transfers.many, []
    receive = many.receive

    def remembering(choices, parts):
        found = receive(choices, parts)
        told.extend(zip(found, parts, strict=True))
        return found

    monkeypatch.setattr(many, "receive", remembering)
    protocol = Carry(4000, bits)
    found = parties.at_once(
        lambda: parties.server.carry(protocol, values), lambda: parties.client.carry(protocol, values)
    )
    assert len(set(found[0] ^ found[1])) == 1
    assert all(chi_squared(side, 2) < UNLIKELY for side in found)
    # Nor does the client learn anything on the way.
    for messages, part in told:
        assert chi_squared(messages, 1 << part.message_bits) < UNLIKELY


def test_hashes_differ_by_row_number_and_block_and_nowhere_else() -> None:
    rows = np.zeros((3, 16), np.uint8)
    rows[2, 5] = 1
    words = hashed_words(rows, 7, 4)
    assert len(set(words.reshape(-1).tolist())) == 12
    assert np.array_equal(hashed_words(rows[1:], 8, 3), words[1:, :3])
    wide = np.zeros((400, 32), np.uint8)
    assert len(set(hashed_bytes(wide, 0).tolist())) > 100
    assert np.array_equal(hashed_bytes(wide, 0)[5:], hashed_bytes(wide[5:], 5))


def test_code_words_differ_in_half_of_their_bits() -> None:
    words = np.unpackbits(transfers._CODE, axis=1)
    distances = {int((one ^ other).sum()) for place, one in enumerate(words) for other in words[:place]}
    assert distances == {128}


def on_curve(point: bytes) -> bool:
    """Whether a u-coordinate is one of Curve25519 itself, not of its twist."""
    prime, u = 2**255 - 19, int.from_bytes(point, "little")
    return pow((u**3 + 486662 * u * u + u) % prime, (prime - 1) // 2, prime) == 1


def test_a_base_transfer_gives_the_chosen_seed_and_points_that_look_alike() -> None:
    first, second = (Channel(end, 10.0) for end in socket.socketpair())
    listening = Listening(first)
    choices = [0, 1] * 16
    with ThreadPoolExecutor(2) as threads:
        sending = threads.submit(base_transfer.send_seeds, listening, len(choices))
        received = threads.submit(base_transfer.receive_seeds, second, choices).result()
        pairs = sending.result()
    assert received == [pair[choice] for pair, choice in zip(pairs, choices, strict=True)]
    assert len({seed for pair in pairs for seed in pair}) == 2 * len(choices)
    points = [listening.heard[0][start : start + 32] for start in range(0, 64 * len(choices), 32)]
    assert all(map(on_curve, points))
    # The negative control: of any numbers half are on the twist, which would tell the sender the choice.
    assert not all(on_curve(number.to_bytes(32, "little")) for number in range(2, 40))
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
