"""What AHASD leaves open: the readings of its platform, its GPU baseline, how it counts and what a bit costs."""

from dataclasses import dataclass
from typing import Literal

from ahasd.claims.condition import Condition, RunCondition
from ahasd.claims.measuring.energy_ranges import OFFCHIP_KEY
from ahasd.hardware.components import proportional_to
from ahasd.hardware.preset.default import DEFAULT_PRESET

#: Components that grow with the energy of a bit on the memory's bus.
OFFCHIP = proportional_to(OFFCHIP_KEY)


@dataclass(frozen=True, slots=True)
class Gpu:
    """The GPU baseline: what the evaluation leaves open about it is ours.

    Attributes
    ----------
    preset
        Hardware preset; AHASD names an RTX 4090 Laptop (in early drafts a 5090 Laptop).
    bits
        Of weights and cache; not stated. The default is that of AHASD itself, 8.
    set
        Constants that differ from the preset's.
    """

    preset: str = "rtx-4090-laptop"
    bits: int = 8
    set: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AhasdCondition(RunCondition):
    """What is varied of AHASD's evaluation; the defaults are those of the runs.

    Attributes
    ----------
    reading
        Preset of the NPU + LPDDR5-PIM platform.
    gpu
        The GPU baseline.
    specpim_memory
        Preset that SpecPIM is rebuilt on.
    set
        Constants of the memory platform and options of the systems on it, as after ``--set``; NPU + LPDDR5 has those
        that it can have.
    offchip_pj_per_bit
        What a bit costs that crosses the bus of the LPDDR5; None for the preset's. No duration hangs on it, so no run
        is made again.
    counting
        Which tokens an acceptance rate is counted over: ``verified`` ones, or all ``drafted`` ones.
    """

    reading: str = DEFAULT_PRESET
    gpu: Gpu = Gpu()
    specpim_memory: str = "specpim-hbm"
    set: tuple[str, ...] = ()
    offchip_pj_per_bit: float | None = None
    counting: Literal["verified", "drafted"] = "verified"

    def energy_factor(self, component: str, offchip_pj_per_bit: float | None) -> float:
        """Bits on the memory's bus cost what the condition says."""
        if component in OFFCHIP and self.offchip_pj_per_bit is not None and offchip_pj_per_bit:
            return self.offchip_pj_per_bit / offchip_pj_per_bit
        return 1.0


@dataclass(frozen=True, slots=True)
class AreaCondition(Condition):
    """What is varied of an area.

    Attributes
    ----------
    scaling
        Rule of ``ahasd.rtl.synthesis.scaling`` by which areas are scaled to another process; empty for its main one.
    utilisation
        Share of an area that cells take; 1 for cells alone, without room for wires.
    """

    scaling: str = ""
    utilisation: float = 1.0


#: Of the runs, unless a claim says otherwise.
AS_RUN = AhasdCondition()
