"""Joules a token at most: what a device draws at its limit, over what it writes."""

import re
from dataclasses import dataclass

from ahasd.hardware.measured.devices.known_device import KnownDevice


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What a device draws at most.

    Attributes
    ----------
    watts
        The upper end where the source has a range.
    measured
        Whether somebody measured it under load, else it is the maker's design power.
    """

    watts: float
    measured: bool


@dataclass(frozen=True, slots=True)
class EnergyBound:
    """Joules a token, an upper bound; the rest of the machine is not in it unless the power was measured at the wall.

    Attributes
    ----------
    alone, drafting
        Of the target alone and of the best way to draft.
    """

    power: PowerLimit
    alone: float
    drafting: float


def power_limit(device: KnownDevice) -> PowerLimit | None:
    """Read what the table says of power; None where it says nothing."""
    said = re.match(r"\s*(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))?", device.power_w)
    if said is None:
        return None
    measured = "measured" in device.power_w or "tdp is measured" in device.unverified
    return PowerLimit(float(said[2] or said[1]), measured)


def energy_bound(device: KnownDevice, tokens_per_second: float, speed_up: float) -> EnergyBound | None:
    """Divide a device's power by its speed; None where its power is not known."""
    power = power_limit(device)
    if power is None:
        return None
    alone = power.watts / tokens_per_second
    return EnergyBound(power, alone, alone / speed_up)
