"""Which known devices a name means."""

import re
from functools import cache

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.measured.devices.known_device import KnownDevice, known_devices

#: Words that people put before a part's own name or leave out.
_BRANDS = frozenset(
    (
        "apple",
        "nvidia",
        "amd",
        "intel",
        "qualcomm",
        "mediatek",
        "google",
        "samsung",
        "rebellions",
        "radeon",
        "geforce",
        "instinct",
        "tesla",
        "rtx",
        "gtx",
        "rx",
        "gpu",
    )
)
#: Words after a part's name that make it another part.
_VARIANTS = frozenset(
    ("ti", "super", "max", "pro", "ultra", "laptop", "gen", "xt", "xtx", "gre", "plus", "max+", "mobile")
)
#: Other names of the same thing.
_ALIASES = (("strix halo", "ryzen ai max+ 395"), ("strix point", "ryzen ai 9 hx 370"), ("dgx spark", "gb10"))


def matching_devices(text: str) -> tuple[KnownDevice, ...]:
    """Every known device that a text names, variants of one part included; none if it names none.

    A device fits where its words stand in a row, with no word behind them that makes it another part. The longest
    match counts; "60-core" chooses among the variants of a part.
    """
    words = _words(text)
    best: list[KnownDevice] = []
    length = 0
    for device in known_devices():
        matched = max((len(key) for key in _keys(device.name) if _stands_in(key, words)), default=0)
        if matched > length:
            best, length = [device], matched
        elif matched == length and matched:
            best.append(device)
    cores = re.search(r"(\d+)-core", text.lower())
    chosen = [device for device in best if cores and re.search(rf"\b{cores[1]}-core", device.name)]
    return tuple(chosen or best)


def find_device(text: str) -> KnownDevice:
    """The one device that a name means.

    Raises
    ------
    AhasdError
        It fits none, or several.
    """
    found = matching_devices(text)
    exact = [device for device in found if device.name.lower() == text.lower()]
    if len(exact) == 1 or len(found) == 1:
        return (exact or list(found))[0]
    if not found:
        raise UnknownNameError("device", text, [device.name for device in known_devices()])
    names = " and ".join(f"'{device.name}'" for device in found)
    raise AhasdError(f"'{text}' fits {len(found)} devices: {names}; say which")


def _words(text: str) -> list[str]:
    text = text.lower()
    for alias, name in _ALIASES:
        text = text.replace(alias, name)
    return [word for word in re.findall(r"[a-z0-9+]+", text) if word not in _BRANDS]


@cache
def _keys(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of a device's name, and those in its parentheses unless they count cores."""
    outside, inside = re.sub(r"\(.*?\)", "", name), re.findall(r"\((.*?)\)", name)
    keys = [outside, *(alias for alias in inside if "core" not in alias)]
    found = (tuple(word for word in _words(key) if not re.fullmatch(r"\d+gb", word)) for key in keys)
    return tuple(key for key in found if key)


def _stands_in(key: tuple[str, ...], words: list[str]) -> bool:
    size = len(key)
    return any(
        tuple(words[place : place + size]) == key
        and not (words[place + size :][:1] and words[place + size] in _VARIANTS)
        for place in range(len(words) - size + 1)
    )
