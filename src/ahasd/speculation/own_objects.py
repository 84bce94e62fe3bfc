"""Parts of a run that a user gives as objects: what a configuration file cannot hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.device import Device
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName
from ahasd.speculation.control.pilot import Pilot
from ahasd.speculation.drafting.policy import DraftingPolicy


@dataclass(frozen=True, slots=True)
class OwnObjects:
    """Objects in the place of names.

    Attributes
    ----------
    policy
        Drafts instead of a named algorithm.
    control
        Governs an asynchronous system.
    devices
        Cost models in the place of those of the hardware, by the names of the devices.
    """

    policy: DraftingPolicy | None = None
    control: Pilot | None = None
    devices: Mapping[DeviceName, Device] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for what, given, kind in (
            ("algorithm", self.policy, DraftingPolicy),
            ("control", self.control, Pilot),
            *((f"devices['{name}']", device, Device) for name, device in self.devices.items()),
        ):
            if given is not None and not isinstance(given, kind):
                raise AhasdError(f"{what} is {given!r}; must be a name or an object of a {kind.__name__}")
        single = [name for name in DEVICES if "+" not in name]
        for name, device in self.devices.items():
            if name not in single:
                raise UnknownNameError("device", str(name), single)
            if getattr(device, "name", None) != name:
                raise AhasdError(
                    f"devices['{name}'] calls itself {device.name!r}; its name must be {name!r}, the track"
                )

    @property
    def descriptions(self) -> list[str]:
        """What they are, for the result."""
        found = [] if self.policy is None else [f"algorithm {type(self.policy).__name__}"]
        found += [] if self.control is None else [f"control {type(self.control).__name__}"]
        return found + [f"{name} {type(device).__name__}" for name, device in self.devices.items()]


#: Everything is named.
NOTHING_OWN = OwnObjects()
