"""Bytes and seconds as people read them."""

#: Characters of the longest bar (ours).
BAR = 24

_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def said_bytes(count: float) -> str:
    """Three digits and a decimal unit."""
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.3g} {unit}" if count < 999.5 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} B"


def said_seconds(seconds: float) -> str:
    """Three digits, in the unit that is at hand."""
    if seconds >= 7200:
        return f"{seconds / 3600:.3g} h"
    if seconds >= 1:
        return f"{seconds:.3g} s" if seconds < 999.5 else f"{seconds:,.0f} s"
    return f"{seconds * 1e3:.3g} ms"


def bar(value: float, largest: float) -> str:
    """A line of characters as long as the value's share of the largest; never none for a value above zero."""
    if value <= 0 or largest <= 0:
        return ""
    return "#" * max(1, round(BAR * value / largest))
