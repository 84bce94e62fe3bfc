"""Opening a session: both sides prove that they hold the key, run the same thing, and speak the same version."""

import hmac
import secrets
import struct
from dataclasses import dataclass
from hashlib import sha256

from ahasd.errors import AhasdError
from ahasd.private_inference.protocols.oblivious_transfer import CODE_BITS, SECURITY_BITS
from ahasd.private_inference.protocols.transfer import FRAME_BYTES, Party
from ahasd.private_inference.running.base_transfer import receive_seeds, send_seeds
from ahasd.private_inference.running.base_transfer import traffic_bytes as base_bytes
from ahasd.private_inference.running.channel import Channel, PeerError
from ahasd.private_inference.running.transfers import (
    BASE_TRANSFERS,
    CorrelatedReceiver,
    CorrelatedSender,
    ManyReceiver,
    ManySender,
    Receiving,
    Sending,
    random_secret,
)

#: Grows with every change of the messages; peers of different ones do not talk.
PROTOCOL_VERSION = 1
_MAGIC = b"ahasdPI\0"
_NONCE_BYTES = 32
_HELLO = struct.Struct(f">8sIB32s{_NONCE_BYTES}s")
_PROOF_BYTES = 32


@dataclass
class ServerTransfers:
    """The server's ends of all transfers."""

    correlated_sender: CorrelatedSender
    correlated_receiver: CorrelatedReceiver
    many: ManySender


@dataclass
class ClientTransfers:
    """The client's ends of all transfers."""

    correlated_sender: CorrelatedSender
    correlated_receiver: CorrelatedReceiver
    many: ManyReceiver


def setup_bytes() -> int:
    """Bytes that both parties write before the first layer."""
    messages = [_HELLO.size] * 2 + [_PROOF_BYTES] * 2
    for count in (BASE_TRANSFERS, SECURITY_BITS):
        messages += base_bytes(count)
    return sum(size + FRAME_BYTES for size in messages)


def shake_hands(channel: Channel, party: Party, key: bytes, agreement: bytes) -> None:
    """Authenticate the peer and compare what both are about to run.

    Parameters
    ----------
    key
        Shared by both.
    agreement
        Digest of the network, widths, rules and number of images.

    Raises
    ------
    PeerError
        The peer is no party of ours, of another version, plays the same part, runs something else, or does not hold
        the key.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ours = _HELLO.pack(_MAGIC, PROTOCOL_VERSION, party, agreement, nonce)
    if party is Party.CLIENT:
        channel.send(ours)
        theirs = channel.receive(_HELLO.size)
    else:
        theirs = channel.receive(_HELLO.size)
        channel.send(ours)
    magic, version, role, agreed, _ = _HELLO.unpack(theirs)
    if magic != _MAGIC:
        raise PeerError("the peer is no party of a private run")
    if version != PROTOCOL_VERSION:
        raise PeerError(
            f"the peer speaks version {version} of the protocol, this side version {PROTOCOL_VERSION}; "
            "install the same version of ahasd on both"
        )
    if role != party.other:
        raise PeerError(f"both sides run as party {int(party)}; one must be 0 (server), the other 1 (client)")
    if agreed != agreement:
        raise PeerError("the peer runs another network, other widths, or another number of images")
    hellos = theirs + ours if party is Party.SERVER else ours + theirs
    _prove(channel, party, key, hellos)
    keys = [_derived(key, b"messages of %d" % sender, hellos) for sender in Party]
    channel.authenticate_with(keys[party], keys[party.other])


def open_server(channel: Channel) -> ServerTransfers:
    """Run the base transfers as the server: first those in whose extensions it sends."""
    secret = random_secret(BASE_TRANSFERS)
    known = receive_seeds(channel, secret)
    seeds = send_seeds(channel, SECURITY_BITS)
    return ServerTransfers(
        CorrelatedSender(channel, Sending(secret[:SECURITY_BITS], known[:SECURITY_BITS])),
        CorrelatedReceiver(channel, Receiving(seeds)),
        ManySender(channel, Sending(secret[-CODE_BITS:], known[-CODE_BITS:])),
    )


def open_client(channel: Channel) -> ClientTransfers:
    """Run the base transfers as the client."""
    seeds = send_seeds(channel, BASE_TRANSFERS)
    secret = random_secret(SECURITY_BITS)
    known = receive_seeds(channel, secret)
    return ClientTransfers(
        CorrelatedSender(channel, Sending(secret, known)),
        CorrelatedReceiver(channel, Receiving(seeds[:SECURITY_BITS])),
        ManyReceiver(channel, Receiving(seeds[-CODE_BITS:])),
    )


def _prove(channel: Channel, party: Party, key: bytes, hellos: bytes) -> None:
    proof, expected = (_derived(key, b"proof of %d" % prover, hellos) for prover in (party, party.other))
    if party is Party.CLIENT:
        channel.send(proof)
        theirs = channel.receive(_PROOF_BYTES)
    else:
        theirs = channel.receive(_PROOF_BYTES)
    if not hmac.compare_digest(theirs, expected):
        raise PeerError("the peer does not hold the same key; give both sides the same --key file")
    if party is Party.SERVER:
        channel.send(proof)


def _derived(key: bytes, purpose: bytes, hellos: bytes) -> bytes:
    if len(key) < 16:
        raise AhasdError("the shared key has fewer than 16 bytes")
    return hmac.new(key, purpose + hellos, sha256).digest()
