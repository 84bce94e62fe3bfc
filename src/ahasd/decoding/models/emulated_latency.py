"""Emulated latencies: each call of a model is padded, so that two cores can stand in for two devices."""

from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.text_files import plain_number

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True, slots=True)
class EmulatedLatency:
    """What a call of each model lasts at least, seconds; 0 where nothing is emulated."""

    draft_s: float = 0.0
    target_s: float = 0.0

    def __bool__(self) -> bool:
        return self.draft_s > 0 or self.target_s > 0

    def __str__(self) -> str:
        named = {"draft": self.draft_s, "target": self.target_s}
        return ",".join(f"{name}={seconds * 1e3:g}ms" for name, seconds in named.items() if seconds > 0)


def parse_latency(text: str) -> EmulatedLatency:
    """Read ``draft=10ms,target=66ms``; a model that is left out keeps its own speed.

    Raises
    ------
    AhasdError
        If it is not written like that.
    """
    seconds: dict[str, float] = {}
    for item in text.split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        if name not in ("draft", "target") or not equals or name in seconds:
            raise AhasdError(f"emulated latency '{text}': write draft=10ms,target=66ms, or one of them")
        seconds[name] = _seconds(value, text)
    return EmulatedLatency(seconds.get("draft", 0.0), seconds.get("target", 0.0))


def _seconds(value: str, text: str) -> float:
    unit = next((unit for unit in _UNITS if value.endswith(unit)), None)
    try:
        seconds = float(plain_number(value.removesuffix(unit or ""))) * _UNITS[unit or ""]
    except (ValueError, KeyError) as error:
        raise AhasdError(f"emulated latency '{text}': '{value}' is no time such as 10ms or 0.5s") from error
    if not 0 <= seconds < 60:
        raise AhasdError(f"emulated latency '{text}': {value} is out of range; take 0 up to 60 s")
    return seconds
