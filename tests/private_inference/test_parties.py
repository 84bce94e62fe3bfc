"""Two real parties: trained networks, delays, and peers that are dead, silent, wrong or forged."""

import contextlib
import os
import socket
import stat
import struct
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.private_inference.network.link import Link
from ahasd.private_inference.network.plan import plan
from ahasd.private_inference.network.rules import PRIVQUANT, SIRNN
from ahasd.private_inference.protocols.transfer import TAG_BYTES, Party
from ahasd.private_inference.running import session
from ahasd.private_inference.running.addresses import accept, connect, listen, read_address, read_key
from ahasd.private_inference.running.both import run_both
from ahasd.private_inference.running.channel import Channel, PeerError
from ahasd.private_inference.running.glyph_images import glyph_images, quantised_images
from ahasd.private_inference.running.outcome import RunRequest
from ahasd.private_inference.running.party import run_client, run_server
from ahasd.private_inference.running.quantised import QuantisedNetwork
from ahasd.private_inference.running.shipped import TEST_SEED, accuracies, read_quantised, shipped_network
from ahasd.private_inference.running.wiring import glyph_wirings

KEY = b"k" * 32
#: Seconds within which a bad peer must have ended a run.
SOON_S = 5.0


def drawn_images(network: QuantisedNetwork, count: int):
    drawn, digits = glyph_images(count, TEST_SEED)
    return quantised_images(drawn, network.public.widths[0].activations), digits


def asked(network: QuantisedNetwork, images: int, batch: int, **changed) -> RunRequest:
    return RunRequest(network.public, PRIVQUANT, images, batch, **({"timeout_s": 60.0} | changed))


@pytest.mark.parametrize("name", ["w4a4", pytest.param("mixed", marks=pytest.mark.slow)])
def test_twenty_images_in_two_processes_are_classified_bit_for_bit(name: str) -> None:
    network = shipped_network(name)
    images, _ = drawn_images(network, 20)
    both = run_both(asked(network, 20, 10), network, images)
    assert np.array_equal(both.client.sums, network.outputs(images, glyph_wirings(20)))
    assert both.server.sums is None
    for outcome in (both.client, both.server):
        assert outcome.predicted == outcome.counted
        assert outcome.setup_predicted == outcome.setup_counted == session.setup_bytes()
    assert both.client.counted == both.server.counted


@pytest.mark.slow
def test_a_thousand_images_are_classified_bit_for_bit() -> None:
    network = shipped_network("w4a4")
    images, _ = drawn_images(network, 1000)
    both = run_both(asked(network, 1000, 100), network, images)
    assert np.array_equal(both.client.sums, network.outputs(images, glyph_wirings(1000)))
    assert both.client.equal


@pytest.mark.parametrize("way", ["w4a4 uniform", "w3a3 mixed"])
def test_the_shipped_networks_are_as_right_as_is_said(way: str) -> None:
    network = shipped_network("w4a4" if "uniform" in way else "mixed")
    images, digits = drawn_images(network, 4000)
    found = float(np.mean(network.outputs(images, glyph_wirings(4000)).argmax(axis=0) == digits))
    said = {each.way: each for each in accuracies(network.public.network)}
    assert found == said[way].share
    public = network.public
    # The bytes of the table are of the largest shifts; the trained ones need no wider rings.
    trained = plan(public.network, public.widths, PRIVQUANT, public.shifts)
    assert said[way].bytes == plan(public.network, public.widths, PRIVQUANT).bytes >= trained.bytes


def test_an_image_takes_less_than_ten_seconds() -> None:
    network = shipped_network("w4a4")
    images, _ = drawn_images(network, 1)
    assert run_both(asked(network, 1, 1), network, images).client.seconds < 10


@pytest.mark.slow
def test_inserted_delays_take_what_the_formula_says() -> None:
    network = shipped_network("mixed")
    images, _ = drawn_images(network, 1)
    link = Link("slow", 1e6, 0.25)
    plain, slow = (run_both(asked(network, 1, 1, link=each), network, images).client for each in (None, link))
    expected = link.seconds(sum(each.bytes for each in slow.counted), slow.trips)
    assert expected > 5
    # What both compute comes on top, and is taken from the run without delays.
    assert slow.seconds - plain.seconds == pytest.approx(expected, rel=0.1)


def two_ends(timeout_s: float = 2.0):
    first, second = socket.socketpair()
    return Channel(first, timeout_s), Channel(second, timeout_s)


def failing(work, *others):
    """Run others beside work, and hand back how work failed and after how long."""
    threads = [threading.Thread(target=_quietly, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    start = time.monotonic()
    with pytest.raises(AhasdError) as failure:
        work()
    took = time.monotonic() - start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    return str(failure.value), took


def _quietly(work) -> None:
    with contextlib.suppress(AhasdError, OSError):
        work()


def test_a_silent_peer_ends_the_run_in_time(random_network) -> None:
    network = random_network("w4a4")
    ours, theirs = two_ends(1.0)
    request = asked(network, 1, 1)
    message, took = failing(lambda: run_client(ours, KEY, request, np.zeros((1, 64), np.int64)))
    assert "silent for 1 s" in message
    assert took < SOON_S
    del theirs


def test_a_peer_that_dies_ends_the_run_at_once(random_network) -> None:
    network = random_network("w4a4")
    ours, theirs = two_ends()

    def die() -> None:
        with theirs:
            session.shake_hands(theirs, Party.CLIENT, KEY, request.digest())

    request = asked(network, 1, 1)
    message, took = failing(lambda: run_server(ours, KEY, request, network), die)
    assert "closed the connection" in message
    assert took < 1.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": 2}, "speaks version 2 of the protocol, this side version 1"),
        ({"magic": b"HTTP/1.1"}, "no party of a private run"),
        ({"role": 0}, "both sides run as party 0"),
        ({"agreement": b"x" * 32}, "another network, other widths"),
    ],
)
def test_another_version_role_or_network_is_refused(changed, message) -> None:
    ours, theirs = two_ends()
    hello = {"magic": b"ahasdPI\0", "version": 1, "role": 1, "agreement": bytes(32)} | changed

    def answer() -> None:
        packed = struct.pack(">8sIB32s32s", *hello.values(), bytes(32))
        theirs.send(packed)
        theirs.receive(len(packed))

    found, took = failing(lambda: session.shake_hands(ours, Party.SERVER, KEY, bytes(32)), answer)
    assert message in found
    assert took < SOON_S


def test_another_key_is_refused_by_both() -> None:
    ours, theirs = two_ends()
    found, _ = failing(
        lambda: session.shake_hands(ours, Party.SERVER, KEY, bytes(32)),
        lambda: session.shake_hands(theirs, Party.CLIENT, b"x" * 32, bytes(32)),
    )
    assert "does not hold the same key" in found


def test_sides_that_run_different_rules_do_not_agree(random_network) -> None:
    network = random_network("w4a4")
    request = asked(network, 4, 2)
    digests = {
        request.digest(),
        replace(request, rules=SIRNN).digest(),
        replace(request, images=6).digest(),
        replace(request, batch=4).digest(),
        asked(random_network("w4a5"), 4, 2).digest(),
        replace(request, public=replace(request.public, shifts=(1, 2, 3, 4, 0))).digest(),
    }
    assert len(digests) == 6
    assert replace(request, timeout_s=1.0).digest() == request.digest()  # how one waits is one's own affair


HEAD = struct.Struct(">II")


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (HEAD.pack(2**31, 0), r"message 0 of 2147483648 bytes where message 0 of 64 bytes is due"),
        (HEAD.pack(64, 7) + bytes(64 + TAG_BYTES), "message 7 of 64 bytes where message 0"),
        (HEAD.pack(64, 0) + bytes(64 + TAG_BYTES), "wrong tag"),
        (HEAD.pack(64, 0) + bytes(10), "closed the connection after 10 of 64 bytes"),
        (HEAD.pack(64, 0)[:3], "closed the connection after 3 of 8 bytes"),
    ],
)
def test_messages_that_are_wrong_cut_or_forged_are_refused_before_anything_is_kept(sent, message) -> None:
    first, second = socket.socketpair()
    with Channel(first, 2.0) as ours:
        second.sendall(sent)
        second.close()
        with pytest.raises(PeerError, match=message):
            ours.receive(64)
        assert ours.received == 0


def test_a_message_cannot_be_sent_back_to_who_wrote_it() -> None:
    ours, theirs = two_ends()
    ours.authenticate_with(b"a" * 32, b"b" * 32)
    theirs.authenticate_with(b"a" * 32, b"a" * 32)
    theirs.send(b"x" * 8)
    with pytest.raises(PeerError, match="wrong tag"):
        ours.receive(8)


def test_a_point_outside_the_subgroup_is_refused() -> None:
    from ahasd.private_inference.running.base_transfer import receive_seeds

    ours, theirs = two_ends()
    found, _ = failing(lambda: receive_seeds(ours, [0]), lambda: theirs.send(bytes(32)))
    assert "none of the curve's subgroup" in found


def test_no_one_listening_and_no_one_calling() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found, took = failing(lambda: connect(("127.0.0.1", port), 0.5))
    assert "no server at 127.0.0.1" in found
    assert took < SOON_S
    found, took = failing(lambda: accept(listen(("127.0.0.1", 0)), 0.3))
    assert "no client has connected for 0.3 s" in found


def test_a_port_in_use_is_said() -> None:
    with (
        listen(("127.0.0.1", 0)) as first,
        pytest.raises(AhasdError, match="another program may hold the port"),
    ):
        listen(first.getsockname())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost", "not written as HOST:PORT"),
        ("localhost:0", "port from 1 to 65535"),
        ("localhost:99999", "port from 1 to 65535"),
        (":80", "not written as HOST:PORT"),
        ("0.0.0.0:8000", "is another host; messages are authenticated but not encrypted"),
    ],
)
def test_addresses_from_outside(text, message) -> None:
    with pytest.raises(AhasdError, match=message):
        read_address(text)
    assert read_address("127.0.0.1:8000") == ("127.0.0.1", 8000)
    assert read_address("0.0.0.0:8000", remote=True) == ("0.0.0.0", 8000)


def test_keys_from_outside(tmp_path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"short")
    with pytest.raises(AhasdError, match="has 5 bytes, and at least 16 are needed"):
        read_key(path)
    path.write_bytes(KEY)
    path.chmod(0o600)
    assert read_key(path) == KEY
    if os.name == "posix":
        path.chmod(stat.S_IRUSR | stat.S_IROTH)
        with pytest.raises(AhasdError, match="can be read by others"):
            read_key(path)


def test_networks_from_outside(tmp_path) -> None:
    path = tmp_path / "odd.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(AhasdError, match="holds no quantised network"):
        read_quantised(path)
    network = shipped_network("w4a4")
    with pytest.raises(AhasdError, match="weights reach"):
        replace(network, weights=(network.weights[0] * 40, *network.weights[1:]))
    with pytest.raises(AhasdError, match="weights are"):
        replace(network, weights=(network.weights[0][:3], *network.weights[1:]))


def test_a_failing_server_ends_with_the_client_and_leaves_no_process(random_network) -> None:
    import multiprocessing

    network = random_network("w4a4")
    odd = replace(network, public=replace(network.public, shifts=(1, 1, 1, 1, 0)))
    request = asked(odd, 1, 1, timeout_s=2.0)
    broken = replace(request, public=network.public)
    start = time.monotonic()
    # The server has another network than the one that was agreed on: its messages have other lengths.
    with pytest.raises(AhasdError):
        _run_with_other_network(request, broken, odd)
    assert time.monotonic() - start < 60
    assert not multiprocessing.active_children()


def _run_with_other_network(request, broken, network) -> None:
    from ahasd.private_inference.running import both

    original = both.run_client
    both.run_client = lambda channel, key, _, images: original(channel, key, broken, images)
    try:
        run_both(request, network, np.zeros((1, 64), np.int64))
    finally:
        both.run_client = original
