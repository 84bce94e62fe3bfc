"""The devices that a system can give a model to, and what each needs of the hardware."""

from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.preset.preset import Hardware

DeviceName = Literal["npu", "pim", "gpu", "gpu2", "npu+pim", "gpu+pim"]

MemoryName = Literal["module", "gpu", "gpu2", "gpu+module"]


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """What a device needs.

    Attributes
    ----------
    sections
        Of the hardware preset.
    memory
        Where the models that it runs lie; devices of one memory compete for its ranks and buses.
    in_memory
        Whether it computes in the ranks, which then hold the weights as the PIM wants them.
    title
        As a sentence names it.
    """

    sections: tuple[str, ...]
    memory: MemoryName
    in_memory: bool
    title: str


#: The devices by name; ``gpu2`` is a second GPU with a memory of its own. A host and the PIM together run each pass:
#: NPU and PIM on one memory, a GPU with a memory of its own beside the one that computes.
DEVICES: dict[DeviceName, DeviceKind] = {
    "npu": DeviceKind(("npu",), "module", False, "the NPU"),
    "pim": DeviceKind(("pim",), "module", True, "the PIM ranks"),
    "gpu": DeviceKind(("gpu",), "gpu", False, "the GPU"),
    "gpu2": DeviceKind(("gpu2",), "gpu2", False, "the second GPU"),
    "npu+pim": DeviceKind(("npu", "pim"), "module", True, "the NPU and the PIM ranks together"),
    "gpu+pim": DeviceKind(("gpu", "pim"), "gpu+module", True, "the GPU and the PIM ranks together"),
}


def parts(name: DeviceName) -> list[DeviceName]:
    """The devices that a device is made of: host and PIM, or itself."""
    return [device for part in name.split("+") for device in DEVICES if device == part]


def has_device(hardware: Hardware, name: DeviceName) -> bool:
    """Whether the hardware has what a device needs."""
    return all(getattr(hardware, section) is not None for section in DEVICES[name].sections)


def require_device(hardware: Hardware, name: DeviceName) -> None:
    """Check that the hardware has what a device needs.

    Raises
    ------
    AhasdError
        It lacks a section; the message names the presets that have it.
    """
    for section in DEVICES[name].sections:
        hardware.require(section)
