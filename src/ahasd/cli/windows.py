"""A part of a run's time, as it is written on the command line."""

from math import isfinite
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.report.pictures.view import Window


def parse_window(text: str) -> "Window":
    """Read ``START:END``.

    Raises
    ------
    AhasdError
        It is none.
    """
    from ahasd.report.pictures.view import Window

    start, colon, end = text.partition(":")
    try:
        ends = float(start), float(end)
        if colon and all(isfinite(one) for one in ends):
            return Window(*ends)
    except ValueError:
        pass
    raise AhasdError(
        f"--window {text}: expected START:END in seconds, the first below the second, such as 1.5:2"
    )
