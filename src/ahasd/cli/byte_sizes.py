"""Sizes of memory as people write them: 256MB, 1.5GB, 512MiB."""

import re

from ahasd.errors import AhasdError

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)\s*")
_UNITS = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


def byte_size(option: str, text: str) -> int:
    """Read a size.

    Raises
    ------
    AhasdError
        It is none.
    """
    found = _SIZE.fullmatch(text)
    if found is None or float(found[1]) == 0:
        raise AhasdError(
            f"{option} is '{text}'; give a size above 0 with its unit, such as 256MB, 1.5GB or 512MiB"
        )
    return int(float(found[1]) * _UNITS[found[2]])
