"""Columns of the table of devices that only the simulator's presets read: the speeds of a 7B."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO


@dataclass(frozen=True, slots=True)
class PublishedSpeeds:
    """Tokens per second of Llama-2-7B in Q4_0, a prompt of 512 and 128 written; None where not published."""

    prompt: float | None
    writing: float | None


@cache
def published_speeds() -> dict[str, PublishedSpeeds]:
    """By device."""
    text = (resources.files("ahasd.hardware.measured.devices") / "devices.csv").read_text(encoding="utf-8")
    return {
        row["device"]: PublishedSpeeds(
            _number(row["measured_7b_q4_0_pp512_tok_s"]), _number(row["measured_7b_q4_0_tg_tok_s"])
        )
        for row in csv.DictReader(StringIO(text))
    }


def _number(text: str) -> float | None:
    return float(text) if text else None
