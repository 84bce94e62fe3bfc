"""Where the parties meet, and the key that they share."""

import ipaddress
import os
import socket
import stat
import time
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.private_inference.running.channel import PeerError
from ahasd.text_files import read_file

#: Bytes of a key file: fewer are guessed, more are no key (ours).
LEAST_KEY_BYTES, MOST_KEY_BYTES = 16, 4096

#: Seconds between attempts to connect to a server that is not there yet (ours).
_RETRY_S = 0.1

Address = tuple[str, int]


def read_address(text: str, remote: bool = False) -> Address:
    """Read ``HOST:PORT``.

    Parameters
    ----------
    remote
        Whether other hosts than this one may be meant.

    Raises
    ------
    AhasdError
        It is written otherwise, unknown, or another host's.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port[:6]) < 65536:
        raise AhasdError(f"address '{text}' is not written as HOST:PORT, with a port from 1 to 65535")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AhasdError(f"host '{host}' is not known ({error})") from error
    number = str(found[0][4][0])
    if not remote and not ipaddress.ip_address(number.partition("%")[0]).is_loopback:
        raise AhasdError(
            f"'{host}' is another host; messages are authenticated but not encrypted. Give --allow-remote if "
            "the network between is yours, or 127.0.0.1"
        )
    return number, int(port)


def read_key(path: Path) -> bytes:
    """Read the key that both sides hold.

    Raises
    ------
    AhasdError
        It cannot be read, is too short or too long, or others may read it.
    """
    key = read_file(path, "key file", MOST_KEY_BYTES)
    if len(key) < LEAST_KEY_BYTES:
        raise AhasdError(
            f"key file '{path}' has {len(key)} bytes, and at least {LEAST_KEY_BYTES} are needed; "
            f"make one: head -c 32 /dev/urandom > {path.name}; chmod 600 {path.name}"
        )
    if os.name == "posix" and stat.S_IMODE(os.stat(path).st_mode) & 0o077:
        raise AhasdError(f"key file '{path}' can be read by others; chmod 600 it")
    return key


def listen(address: Address) -> socket.socket:
    """Listen for one peer.

    Raises
    ------
    AhasdError
        The port is in use, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port whose last connection is closing may be taken again
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1)
    except OSError as error:
        listening.close()
        raise AhasdError(
            f"{address[0]}:{address[1]} cannot be listened on ({error.strerror}); another program may hold the "
            "port: choose another"
        ) from error
    return listening


def accept(listening: socket.socket, wait_s: float) -> socket.socket:
    """Take the first peer, and listen no longer.

    Raises
    ------
    PeerError
        None comes in time.
    """
    with listening:
        listening.settimeout(wait_s)
        try:
            connection, _ = listening.accept()
        except TimeoutError as error:
            raise PeerError(f"no client has connected for {wait_s:g} s") from error
    return _without_delay(connection)


def connect(address: Address, wait_s: float) -> socket.socket:
    """Connect to the server, which may still be starting.

    Raises
    ------
    PeerError
        It is not there in time.
    """
    end = time.monotonic() + wait_s
    while True:
        try:
            return _without_delay(socket.create_connection(address, max(_RETRY_S, end - time.monotonic())))
        except OSError as error:
            if time.monotonic() + _RETRY_S >= end:
                reason = error.strerror or "no answer"
                raise PeerError(
                    f"no server at {address[0]}:{address[1]} for {wait_s:g} s ({reason}); start --party 0 first"
                ) from error
            time.sleep(_RETRY_S)


def _without_delay(connection: socket.socket) -> socket.socket:
    """Send small messages at once instead of collecting them."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
