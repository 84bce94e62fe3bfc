"""Base oblivious transfer on X25519: the few transfers from which all others grow.

The receiver sends two points for each transfer. Of one it knows the private key; the other is a random point of the
curve times a clamped scalar, so that nobody knows its private key, and so that both are uniform in the same subgroup
(a clamped scalar is a multiple of the cofactor): the sender cannot tell them apart. The sender's one public key meets
both points; the receiver can compute one of the two secrets. Semi-honest security under Diffie and Hellman's
assumption with the hash as an oracle.
"""

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.private_inference.running.channel import Channel, PeerError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

#: Curve25519: v^2 = u^3 + 486662 u^2 + u modulo 2^255 - 19 (RFC 7748).
_PRIME = 2**255 - 19
_COEFFICIENT = 486662
POINT_BYTES = 32
SEED_BYTES = 16

Seed = bytes


def send_seeds(channel: Channel, count: int) -> list[tuple[Seed, Seed]]:
    """Agree on pairs of seeds of which the peer learns one each."""
    key = _new_key()
    ours = key.public_key().public_bytes_raw()
    channel.send(ours)
    points = channel.receive(2 * POINT_BYTES * count)
    both = [points[start : start + POINT_BYTES] for start in range(0, len(points), POINT_BYTES)]
    seeds = [_seed(key, point, place // 2, ours, point) for place, point in enumerate(both)]
    return list(zip(seeds[::2], seeds[1::2], strict=True))


def receive_seeds(channel: Channel, choices: list[int]) -> list[Seed]:
    """Learn of each pair the seed that is chosen."""
    theirs = channel.receive(POINT_BYTES)
    points, seeds = [], []
    for place, choice in enumerate(choices):
        key = _new_key()
        pair = [key.public_key().public_bytes_raw(), _point_without_key()]
        points.append(b"".join(pair if choice == 0 else reversed(pair)))
        seeds.append(_seed(key, theirs, place, theirs, pair[0]))
    channel.send(b"".join(points))
    return seeds


def traffic_bytes(count: int) -> tuple[int, int]:
    """Payload of the sender and of the receiver."""
    return POINT_BYTES, 2 * POINT_BYTES * count


def _seed(key: "X25519PrivateKey", point: bytes, place: int, sender: bytes, receiver: bytes) -> Seed:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        secret = key.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError as error:
        raise PeerError("a point of the peer's base transfer is none of the curve's subgroup") from error
    return sha256(b"ahasd base" + place.to_bytes(4, "big") + sender + receiver + secret).digest()[:SEED_BYTES]


def _point_without_key() -> bytes:
    """A uniform point of the subgroup whose private key nobody knows."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    while True:
        u = secrets.randbelow(_PRIME)
        square = (u * u % _PRIME * (u + _COEFFICIENT) + u) % _PRIME
        if u and pow(square, (_PRIME - 1) // 2, _PRIME) == 1:
            point = X25519PublicKey.from_public_bytes(u.to_bytes(POINT_BYTES, "little"))
            return _new_key().exchange(point)


def needs_cryptography() -> None:
    """See to it that the library is there.

    Raises
    ------
    AhasdError
        It is not; the message says how to install it.
    """
    try:
        import cryptography.hazmat.primitives.asymmetric.x25519  # noqa: F401
    except ImportError as error:
        raise AhasdError(
            "private runs need cryptography; in the source folder: pip install -c constraints.txt -e '.[private]'"
        ) from error


def _new_key() -> "X25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate()
