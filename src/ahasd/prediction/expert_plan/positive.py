"""Figures that a user gives in units of 10^9."""

from math import isfinite

from ahasd.errors import AhasdError


def in_giga(option: str, value: float | None) -> float | None:
    """The figure in bytes, or bytes per second; None if not given.

    Raises
    ------
    AhasdError
        It is not positive, or without end.
    """
    if value is None:
        return None
    if not (isfinite(value) and value > 0):
        raise AhasdError(f"{option} is {value:g}; it must be positive and finite, in 10^9 bytes")
    return value * 1e9
