"""The conditions under which claims are measured: what the papers leave open, and ours for each."""

from dataclasses import dataclass
from typing import Literal

from ahasd.hardware.preset.default import DEFAULT_PRESET
from ahasd.traces.default import DEFAULT_TRACE


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU baseline: what AHASD's evaluation leaves open about it is ours.

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


#: The GPU of AHASD's baseline, at AHASD's own precision.
RTX_4090_LAPTOP = Gpu()


@dataclass(frozen=True, slots=True)
class Condition:
    """What is varied; the defaults are those of the runs.

    Attributes
    ----------
    said
        How it departs from the default, for a reader; empty for the default.
    reading
        Preset of the NPU + LPDDR5-PIM platform.
    trace
        Whose acceptance is replayed.
    algorithm
        Suffix of every drafting algorithm's name that takes it, such as ``:calibrated=4``.
    gpu
        The GPU baseline.
    memory
        Preset that the system SpecPIM runs on.
    set
        Constants of the memory platform and options of the systems on it, as after ``--set``; NPU + LPDDR5 has those
        that it can have.
    offchip_pj_per_bit
        What a bit costs that crosses the bus of the LPDDR5; None for the preset's. No duration hangs on it, so no run
        is made again.
    counting
        Which tokens an acceptance rate is counted over: ``verified`` ones, or all ``drafted`` ones.
    scaling
        Rule of ``ahasd.rtl.synthesis.scaling`` by which areas are scaled to another process; empty for its main one.
    utilisation
        Share of an area that cells take; 1 for cells alone, without room for wires.
    energy_ranges
        Whether the interval spans the ranges of the energy constants, for an area those of scaling and placement.
    """

    said: str = ""
    reading: str = DEFAULT_PRESET
    trace: str = DEFAULT_TRACE
    algorithm: str = ""
    gpu: Gpu = RTX_4090_LAPTOP
    memory: str = "specpim-hbm"
    set: tuple[str, ...] = ()
    offchip_pj_per_bit: float | None = None
    counting: Literal["verified", "drafted"] = "verified"
    scaling: str = ""
    utilisation: float = 1.0
    energy_ranges: bool = True


#: Of the runs, unless a claim says otherwise.
DEFAULT = Condition()
