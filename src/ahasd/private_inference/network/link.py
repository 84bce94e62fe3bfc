"""The link between the parties."""

from dataclasses import dataclass

from ahasd.errors import AhasdError, UnknownNameError

MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Link:
    """A bandwidth and a delay.

    Attributes
    ----------
    name
        As users call it.
    bytes_per_s
        Of both directions together.
    round_trip_s
        There and back.

    Raises
    ------
    AhasdError
        The bandwidth is not positive, or the delay negative.
    """

    name: str
    bytes_per_s: float
    round_trip_s: float

    def __post_init__(self) -> None:
        if not (0 < self.bytes_per_s < float("inf") and 0 <= self.round_trip_s < float("inf")):
            raise AhasdError(
                f"no link has {self.bytes_per_s:g} bytes/s and a round trip of {self.round_trip_s:g} s"
            )

    def seconds(self, sent_bytes: int, trips: int) -> float:
        """Time of so many bytes and one-way trips: bytes / bandwidth + rounds x round trip.

        What both parties compute meanwhile is not in it.
        """
        return sent_bytes / self.bytes_per_s + trips / 2 * self.round_trip_s


#: The settings of CrypTFlow2's, Cheetah's and CoPriv's evaluations: 377 MB/s and 0.3 ms, 40 MB/s and 80 ms.
LINKS = {
    "lan": Link("lan", 377 * MEGA, 0.3e-3),
    "wan": Link("wan", 40 * MEGA, 80e-3),
}


def link_named(text: str) -> Link:
    """Read ``lan``, ``wan``, or ``MBPS:MS`` (megabytes per second, round trip in milliseconds).

    Raises
    ------
    UnknownNameError
        It is neither.
    AhasdError
        A figure is out of range.
    """
    if text in LINKS:
        return LINKS[text]
    rate, colon, delay = text.partition(":")
    try:
        if not colon:
            raise ValueError
        return Link(text, float(rate) * MEGA, float(delay) * 1e-3)
    except ValueError as error:
        raise UnknownNameError("link", text, [*LINKS, "MB_PER_S:ROUND_TRIP_MS"]) from error
