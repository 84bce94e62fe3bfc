"""What a host's memory moves at its peak, from the words that people have for it."""

import re

from ahasd.errors import AhasdError

#: Mega-transfers per second where only the generation is said (ours: what most people have).
_USUAL_SPEED = {"3": 1600, "4": 3200, "5": 5600}

#: Bytes of a channel's transfer.
_CHANNEL_BYTES = 8

#: Channels of processors by their names, and the speed of the memory that their makers state.
_PROCESSORS: tuple[tuple[str, int, int], ...] = (
    (r"threadripper 1950x", 4, 2666),
    (r"xeon gold 61\d\d", 6, 2666),
    (r"xeon gold 52\d\d", 6, 2666),
    (r"i9-14900|ryzen 7 7700|ryzen 9 79", 2, 5600),
    (r"ryzen 7 98\d\dx3d", 2, 5600),
    (r"ryzen 7 58|ryzen 9 59", 2, 3200),
    (r"ryzen ai max", 4, 8000),
    (r"epyc 7\d\d3", 8, 3200),
)

#: Of two sockets, one reads its own memory alone: programs that do not place threads gain little from the other.
_SOCKETS = re.compile(r"\b2x? ?(?:epyc|xeon)")


def host_peak(text: str) -> float | None:
    """Bytes per second at the peak; None where the text does not say.

    Examples
    --------
    >>> host_peak("dual-channel DDR5-5600"), host_peak("90 GB/s"), host_peak("a laptop")
    (89600000000.0, 90000000000.0, None)
    """
    low = text.lower()
    if said := re.search(r"(\d+(?:\.\d+)?) ?gb/s", low):
        return float(said[1]) * 1e9
    speed = re.search(r"ddr([345])x?(?:-(\d{4,5}))?", low)
    found = re.search(r"\b(dual|quad|\d{1,2})[- ]?(?:channels?|x(?= ?(?:lp)?ddr))", low)
    number = {"dual": 2, "quad": 4}
    channels = (number.get(found[1]) or int(found[1])) if found else None
    if channels is None and (plain := re.search(r"\b(dual|quad)\b", low)):
        channels = number[plain[1]]
    listed = next((entry for entry in _PROCESSORS if re.search(entry[0], low)), None)
    if channels is None and speed is None and listed is None:
        return None
    per_second = int(speed[2]) if speed and speed[2] else _USUAL_SPEED[speed[1]] if speed else 0
    if listed is not None:
        channels, per_second = channels or listed[1], per_second or listed[2]
    # Eight channels are a server's: DDR4-3200 unless said.
    channels, per_second = channels or 2, per_second or _USUAL_SPEED["4"]
    sockets = 2 if _SOCKETS.search(low) and channels > 12 else 1
    return channels / sockets * per_second * 1e6 * _CHANNEL_BYTES


def require_peak(text: str) -> float:
    """The same, of what a user wrote.

    Raises
    ------
    AhasdError
        The text does not say.
    """
    found = host_peak(text)
    if found is None:
        raise AhasdError(
            f"--host '{text}' does not say how fast its memory is; write 'dual-channel DDR5-5600', '8-channel "
            "DDR4-3200', '90 GB/s', or a processor that is known here (i9-14900K, EPYC 7543)"
        )
    return found
