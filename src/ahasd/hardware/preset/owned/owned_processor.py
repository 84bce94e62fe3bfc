"""A processor that people own: what its preset is called, where lists show it, and the figures that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.devices.known_device import KnownDevice

Kind = Literal["GPU", "NPU", "CPU"]
Group = Literal["phones", "Macs", "laptops", "boards", "PCs", "servers", "NPU cards"]
#: In the order in which lists show them.
GROUPS: tuple[Group, ...] = ("phones", "Macs", "laptops", "boards", "PCs", "servers", "NPU cards")


@dataclass(frozen=True, slots=True)
class OwnedProcessor:
    """A GPU, NPU or CPU of a device, and the machine that it makes.

    Attributes
    ----------
    name
        Of the preset.
    title
        The part's own name.
    kind, group
        What it is, and among what lists show it.
    device
        Of the table of known devices; "" where that has none.
    peak
        Bandwidth of its memory, in bytes per second.
    """

    name: str
    title: str
    kind: Kind
    group: Group
    device: str
    peak: float


@dataclass(frozen=True, slots=True)
class OwnedGpu(OwnedProcessor):
    """A GPU, made of a device of the table.

    Attributes
    ----------
    known
        The device.
    backend
        Whose kernels it runs.
    discrete
        Whether its memory is its own, behind PCIe.
    memory_family, arithmetic_family
        Devices whose usual shares stand in for what is not published of this one.
    """

    known: KnownDevice
    backend: Backend
    discrete: bool
    memory_family: str
    arithmetic_family: str


@dataclass(frozen=True, slots=True)
class ListedProcessor(OwnedProcessor):
    """An NPU or CPU, made of a row of ``processors.csv``, blanks and all."""

    row: Mapping[str, str]

    @property
    def reached(self) -> float | None:
        """Bytes per second that its published speed comes to: bytes read for a token, times tokens per second."""
        read, speed = self.number("read_gb"), self.number("tokens_per_second")
        return read * speed * 1e9 if read and speed else None

    def number(self, column: str) -> float | None:
        """A figure; None where the row has none."""
        return float(self.row[column]) if self.row[column] else None

    def is_unread(self, column: str) -> bool:
        """Whether a figure was recalled or derived, and not read."""
        return column in self.row["unverified"]
