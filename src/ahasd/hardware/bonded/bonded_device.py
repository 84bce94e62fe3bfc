"""A device of memory bonded onto logic, and the presets of the package."""

from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ahasd.assignments import assign
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.bonded.processing_element import ProcessingElement
from ahasd.hardware.bonded.sections import Area, Banks, CentralProcessor, Energy, Routers
from ahasd.invalid_values import explain
from ahasd.text_files import read_text
from ahasd.yaml_text import parse_yaml, read_yaml


class BondedDevice(BaseModel):
    """Banks with a processing element each, routers between them, and a central processor.

    Parameters
    ----------
    sources
        Where the constants of each part are from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    banks: Banks
    element: ProcessingElement
    routers: Routers
    npu: CentralProcessor
    energy: Energy
    area: Area
    sources: dict[str, str]

    @property
    def bank_count(self) -> int:
        """Banks of all channels."""
        return self.banks.channels * self.banks.banks_per_channel

    @property
    def bank_bytes(self) -> int:
        """Capacity of a bank."""
        return int(self.banks.bank_mib * 2**20)

    @property
    def capacity_bytes(self) -> int:
        """Of all banks."""
        return self.bank_count * self.bank_bytes

    @property
    def bytes_per_second(self) -> float:
        """Of all banks to their processing elements."""
        return self.bank_count * self.element.bytes_per_second

    @property
    def macs_per_second(self) -> float:
        """Of all processing elements."""
        return self.bank_count * self.element.macs_per_second

    @property
    def channel_bytes_per_second(self) -> float:
        """Of one channel to the central processor."""
        return self.banks.channel_gb_s * 1e9

    @property
    def peak_w(self) -> float:
        """With all banks read and all lanes at work, routers and central processor idle."""
        reading = self.bytes_per_second * 8 * self.energy.bank_pj_per_bit
        return (reading + self.macs_per_second * self.energy.pe_mac_pj) * 1e-12 + self.energy.static_w

    @property
    def element_mm2(self) -> float:
        """Area of a processing element: vector units and buffers."""
        return (
            self.element.units * self.area.unit_mm2 + self.element.buffer_mib * self.area.buffer_mm2_per_mib
        )

    @property
    def mean_hops(self) -> float:
        """Links between two banks drawn at random: the mean distance on a line of n is (n^2-1)/(3n)."""
        sides = (self.banks.channels, self.banks.banks_per_channel)
        return sum((side * side - 1) / (3 * side) for side in sides)


def bonded_names() -> list[str]:
    """Names of the devices that come with the package."""
    names = (entry.name for entry in (resources.files(__package__) / "presets").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_bonded(name: str) -> BondedDevice:
    """Load a device of the package, or of a YAML file.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    AhasdError
        The file cannot be read, or a value does not fit.
    """
    if name.lower() in bonded_names():
        return _shipped(name.lower())
    if "/" in name or name.endswith((".yaml", ".yml")):
        return parse_bonded(parse_yaml(read_text(name, "hardware file"), f"hardware file '{name}'"))
    raise UnknownNameError("bonded device", name, bonded_names())


@cache
def _shipped(name: str) -> BondedDevice:
    text = (resources.files(__package__) / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_bonded({"name": name, **read_yaml(text)})


def parse_bonded(document: Any) -> BondedDevice:
    """Check a document.

    Raises
    ------
    AhasdError
        A value is out of range or a key is unknown; the message names it.
    """
    try:
        return BondedDevice.model_validate(document)
    except ValidationError as error:
        raise AhasdError(f"bonded device: {explain(error, valid=list(BondedDevice.model_fields))}") from error


def change_bonded(device: BondedDevice, key: str, value: Any) -> BondedDevice:
    """Return the device with one constant changed, such as ``banks.channels``.

    Raises
    ------
    AhasdError
        There is no such constant, or the value does not fit.
    """
    return assign(device, key, value, "")
