"""Energy of DRAM commands, from currents."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from ahasd.errors import UnknownNameError
from ahasd.hardware.dram.timings import load_timing
from ahasd.yaml_text import read_yaml

POWER_LEVELS = ("maximum", "typical")


@dataclass(frozen=True, slots=True)
class Rail:
    """Currents of a supply rail, mA.

    Attributes
    ----------
    volts
        Its voltage.
    activate, read, write, refresh
        Average currents while those commands follow one another (I0, I4R, I4W, I5).
    precharged, active
        Standby currents, all banks precharged or one open (I2N, I3N).
    """

    volts: float
    activate: float
    precharged: float
    active: float
    read: float
    write: float
    refresh: float


@dataclass(frozen=True, slots=True)
class DramPower:
    """Energy per command (pJ) and power per state (mW) of one die.

    Attributes
    ----------
    activate_pj, precharge_pj
        Of one bank: V (I0 - I3N) tRAS and V (I0 - I2N) tRP, summed over rails.
    read_burst_pj, write_burst_pj
        V (I4 - I3N) times the burst's duration; without interface.
    refresh_pj
        All banks, over idle: V (I5 - I2N) tRFC.
    precharged_mw, active_mw, power_down_mw, self_refresh_mw
        State powers V I.
    read_interface_pj_per_bit, read_controller_pj_per_bit, write_controller_pj_per_bit
        Drivers and receivers of the DRAM and of the controller.
    burst_bytes
        Bytes of a burst.
    in_array_share, in_array_range
        Reading a burst inside the array as a share of ``read_burst_pj``, and the span of published estimates.
    """

    activate_pj: float
    precharge_pj: float
    read_burst_pj: float
    write_burst_pj: float
    refresh_pj: float
    precharged_mw: float
    active_mw: float
    power_down_mw: float
    self_refresh_mw: float
    read_interface_pj_per_bit: float
    read_controller_pj_per_bit: float
    write_controller_pj_per_bit: float
    burst_bytes: int
    in_array_share: float
    in_array_range: tuple[float, float]

    def in_array_read_pj(self, share: float | None = None) -> float:
        """Energy of reading a burst inside the array, for a PIM unit, without activate and precharge.

        ``share`` is that of a read burst; published estimates span ``in_array_range``.
        """
        return self.read_burst_pj * (self.in_array_share if share is None else share)


@lru_cache(maxsize=8)
def load_power(level: str = "typical", name: str = "lpddr5-16gb") -> DramPower:
    """Load the energies of a die, at the data sheet's ``maximum`` or at ``typical`` currents.

    Raises
    ------
    UnknownNameError
        No such die or level.
    """
    folder = resources.files("ahasd.hardware.dram") / "power_sets"
    names = [entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    if name not in names:
        raise UnknownNameError("DRAM power set", name, names)
    if level not in POWER_LEVELS:
        raise UnknownNameError("DRAM power level", level, POWER_LEVELS)
    document: dict[str, Any] = read_yaml((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    factors = document["typical"] if level == "typical" else dict.fromkeys(document["typical"], 1.0)
    return _power(document, factors)


def _power(document: dict[str, Any], factor: dict[str, float]) -> DramPower:
    timing = load_timing(document["timing"])
    rails = [
        Rail(**{key: value for key, value in rail.items() if key != "name"}) for rail in document["rails"]
    ]
    burst_ns = document["burst_ns"]
    # mA times volts times ns is pJ.
    activate = sum(r.volts * (r.activate - r.active) for r in rails) * timing.tRAS * timing.tCK_ns
    precharge = sum(r.volts * (r.activate - r.precharged) for r in rails) * timing.tRP * timing.tCK_ns
    refresh = sum(r.volts * (r.refresh - r.precharged) for r in rails) * timing.tRFC * timing.tCK_ns
    return DramPower(
        activate_pj=activate * factor["row"],
        precharge_pj=precharge * factor["row"],
        read_burst_pj=sum(r.volts * (r.read - r.active) for r in rails) * burst_ns * factor["read"],
        write_burst_pj=sum(r.volts * (r.write - r.active) for r in rails) * burst_ns * factor["write"],
        refresh_pj=refresh * factor["refresh"],
        precharged_mw=sum(r.volts * r.precharged for r in rails) * factor["precharged"],
        active_mw=sum(r.volts * r.active for r in rails) * factor["active"],
        power_down_mw=document["power_down_mw"] * factor["power_down"],
        self_refresh_mw=document["self_refresh_mw"] * factor["self_refresh"],
        read_interface_pj_per_bit=document["read_interface_pj_per_bit"],
        read_controller_pj_per_bit=document["read_controller_pj_per_bit"],
        write_controller_pj_per_bit=document["write_controller_pj_per_bit"],
        burst_bytes=document["burst_bytes"],
        in_array_share=document["in_array_read"]["share"],
        in_array_range=tuple(document["in_array_read"]["range"]),
    )
