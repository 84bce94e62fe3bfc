"""A socket between two parties: numbered and authenticated messages of known length, counted in both directions."""

import hmac
import socket
import struct
import time
from hashlib import sha256
from types import TracebackType
from typing import Self

from ahasd.errors import AhasdError
from ahasd.private_inference.network.link import Link
from ahasd.private_inference.protocols.transfer import FRAME_BYTES, TAG_BYTES

#: Seconds that a party waits for the next bytes of its peer (ours); a peer that computes longer needs more.
DEFAULT_TIMEOUT_S = 5.0

_HEAD = struct.Struct(">II")
#: Bytes of a message at most, which its length field must hold.
_MOST_BYTES = 2**32 - 1


class PeerError(AhasdError):
    """The peer is gone, silent, or says what does not belong here."""


class Channel:
    """One end of a connection.

    Every message is expected: the reader knows its length from the protocol, and allocates nothing for another.

    Parameters
    ----------
    connection
        A connected socket, which the channel closes.
    timeout_s
        For every read and write.
    link
        Delays of a link to imitate before each message; None for the socket as it is.
    """

    def __init__(
        self,
        connection: socket.socket,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        link: Link | None = None,
    ) -> None:
        connection.settimeout(timeout_s)
        self._socket, self._timeout_s, self._link = connection, timeout_s, link
        self._sending_key = self._receiving_key = b""
        self._numbers = {"sent": 0, "received": 0}
        self._sent_last = False
        #: Bytes written and read, frames included.
        self.sent = self.received = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def authenticate_with(self, sending: bytes, receiving: bytes) -> None:
        """Tag messages with these keys from now on; one for each direction, so that none can be sent back."""
        self._sending_key, self._receiving_key = sending, receiving

    @property
    def total(self) -> int:
        """Bytes in both directions."""
        return self.sent + self.received

    def send(self, payload: bytes) -> None:
        """Send a message.

        Raises
        ------
        PeerError
            The peer is gone, or takes nothing for the time limit.
        """
        if len(payload) > _MOST_BYTES:
            raise AhasdError(f"a message of {len(payload)} bytes is too long; run fewer images at a time")
        head = _HEAD.pack(len(payload), self._numbers["sent"])
        if self._link is not None:
            waits = 0.0 if self._sent_last else self._link.round_trip_s / 2
            time.sleep(waits + (len(payload) + FRAME_BYTES) / self._link.bytes_per_s)
        try:
            self._socket.sendall(b"".join((head, payload, _tag(self._sending_key, head + payload))))
        except TimeoutError as error:
            raise PeerError(f"the peer has taken no bytes for {self._timeout_s:g} s") from error
        except OSError as error:
            raise PeerError(f"the peer has closed the connection ({error.strerror})") from error
        self._numbers["sent"] += 1
        self.sent += len(payload) + FRAME_BYTES
        self._sent_last = True

    def receive(self, expected: int) -> bytes:
        """Read the next message, which must have this length.

        Raises
        ------
        PeerError
            It has another length or number, is cut short, forged, or does not come in time.
        """
        head = self._read(_HEAD.size)
        length, number = _HEAD.unpack(head)
        if number != self._numbers["received"] or length != expected:
            raise PeerError(
                f"the peer sent message {number} of {length} bytes where message {self._numbers['received']} "
                f"of {expected} bytes is due; both sides must run the same network, widths and version"
            )
        payload = self._read(length)
        if not hmac.compare_digest(self._read(TAG_BYTES), _tag(self._receiving_key, head + payload)):
            raise PeerError(
                f"message {number} of the peer has a wrong tag: it was changed, or the keys differ"
            )
        self._numbers["received"] += 1
        self.received += length + FRAME_BYTES
        self._sent_last = False
        return payload

    def _read(self, size: int) -> bytes:
        """Exactly so many bytes, within the time limit as a whole but for what still arrives."""
        buffer, filled = bytearray(size), 0
        with memoryview(buffer) as view:
            while filled < size:
                try:
                    got = self._socket.recv_into(view[filled:])
                except TimeoutError as error:
                    raise PeerError(f"the peer has been silent for {self._timeout_s:g} s") from error
                except OSError as error:
                    raise PeerError(f"the connection to the peer broke ({error.strerror})") from error
                if not got:
                    raise PeerError(
                        f"the peer closed the connection after {filled} of {size} bytes that were due"
                    )
                filled += got
        return bytes(buffer)


def _tag(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, sha256).digest()[:TAG_BYTES]
