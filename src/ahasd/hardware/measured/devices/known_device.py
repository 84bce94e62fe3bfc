"""A device as the few figures that are published of it, and the table of those that come with the package."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

GIGA, TERA = 1e9, 1e12


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What is published of a device; a figure that is not is None.

    Attributes
    ----------
    name
        With the variant in parentheses, where a part comes in several.
    kind
        "mac", "gpu", "laptop", "laptop gpu", "phone", "edge", "sbc", "accelerator", "npu card" or "memory".
    peak_bandwidth
        Of the memory, in bytes per second.
    achieved_bandwidth
        What a pass over weights was measured to reach, in bytes per second; of most devices with Llama-2-7B in
        Q4_0 (3.826 GB), 128 tokens.
    vector_rate
        Multiply-adds of FP32 on the ordinary cores, two operations each, per second; the maker's peak.
    capacities
        Memory that it is sold with, in bytes.
    power_w
        Design power or measured draw, as the source has it.
    source
        Where the figures were read.
    unverified
        The fields that were recalled or derived and not read, in words; "" for none.
    notes
        What else the source says.
    """

    name: str
    kind: str
    peak_bandwidth: float | None
    achieved_bandwidth: float | None
    vector_rate: float | None
    capacities: tuple[float, ...]
    power_w: str
    source: str
    unverified: str
    notes: str

    @property
    def is_recalled(self) -> bool:
        """Whether no page was read for it at all."""
        return self.unverified.startswith("ALL")


@cache
def known_devices() -> tuple[KnownDevice, ...]:
    """Every device of the package: those with measurements first, then those known by specification alone."""
    return tuple(_device(row) for name in ("devices.csv", "specified.csv") for row in _rows(name))


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("ahasd.hardware.measured.devices") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text)))


def _device(row: Mapping[str, str]) -> KnownDevice:
    return KnownDevice(
        name=row["device"],
        kind=row["class"],
        peak_bandwidth=_number(row["bandwidth_gb_s"], GIGA),
        achieved_bandwidth=_number(row["measured_bandwidth_gb_s"], GIGA),
        vector_rate=_number(row["vector_tflops"], TERA),
        capacities=_capacities(row["capacity_gb_options"]),
        power_w=row["tdp_w"],
        source=row["source"],
        unverified=row["unverified_fields"],
        notes=row["notes"],
    )


def _capacities(text: str) -> tuple[float, ...]:
    """Sizes in bytes; what a source says is usable of one is no size of its own."""
    sold = re.sub(r"\([^)]*usable[^)]*\)", "", text)
    return tuple(float(size) * GIGA for size in re.findall(r"\d+(?:\.\d+)?", sold))


def _number(text: str, unit: float) -> float | None:
    return float(text) * unit if text else None
