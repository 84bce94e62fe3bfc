"""Lengths of texts as people write them: 8192, 128k, 1M."""

import re

from ahasd.errors import AhasdError
from ahasd.text_files import whole_number

_SIZE = re.compile(r"\s*(\d+)\s*([kKmM]?)\s*")
_UNITS = {"": 1, "k": 2**10, "m": 2**20}


def context_size(text: str) -> int:
    """Read a number of tokens; k is 1024 and M 1024 times as much, as models' contexts are called.

    Raises
    ------
    AhasdError
        It is none above 0.
    """
    found = _SIZE.fullmatch(text)
    try:
        size = whole_number(found[1]) * _UNITS[found[2].lower()] if found else 0
    except ValueError:
        size = 0
    if size < 1:
        raise AhasdError(f"context is '{text}'; give a number of tokens above 0, such as 8192, 128k or 1M")
    return size
