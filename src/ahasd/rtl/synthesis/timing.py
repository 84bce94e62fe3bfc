"""Latencies of the hardware in seconds, and whether its longest path fits into a cycle."""

from dataclasses import dataclass

from ahasd.rtl.latencies import (
    aau_elementwise_cycles,
    aau_norm_cycles,
    aau_softmax_cycles,
    edc_decision_cycles,
    rank_switch_cycles,
    tvc_decision_cycles,
    tvc_update_cycles,
)
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.synthesis.power import PIM_CLOCK_HZ
from ahasd.rtl.synthesis.scaling import delay_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule

EDC_DECISION, TVC_DECISION, RANK_SWITCH = "EDC decision", "TVC decision", "rank switch"


@dataclass(frozen=True, slots=True)
class Latency:
    """What something takes at the PIM's clock."""

    name: str
    cycles: int

    @property
    def seconds(self) -> float:
        """At the PIM's clock."""
        return self.cycles / PIM_CLOCK_HZ


@dataclass(frozen=True, slots=True)
class LongestPath:
    """The longest path between registers, scaled to one kind of transistors of 32 nm; without wires.

    Attributes
    ----------
    transistors
        ``high performance`` or ``low power``.
    seconds
        Its delay.
    """

    transistors: str
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether it fits into a cycle of the PIM's clock."""
        return self.seconds < 1 / PIM_CLOCK_HZ

    @property
    def cycles(self) -> float:
        """Of the PIM's clock."""
        return self.seconds * PIM_CLOCK_HZ

    @property
    def most_hz(self) -> float:
        """The fastest clock into whose cycle it fits."""
        return 1 / self.seconds


def latencies(parameters: HardwareParameters) -> list[Latency]:
    """Of the controllers' answers, and of the AAU's operations beyond their passes."""
    return [
        Latency(EDC_DECISION, edc_decision_cycles(parameters)),
        Latency(TVC_DECISION, tvc_decision_cycles(parameters)),
        Latency("TVC table update", tvc_update_cycles(parameters)),
        Latency(RANK_SWITCH, rank_switch_cycles(parameters)),
        Latency("AAU layer norm beyond its 2 passes", aau_norm_cycles(parameters)),
        Latency("AAU softmax beyond its 3 passes", aau_softmax_cycles(parameters)),
        Latency("AAU activation beyond its pass", aau_elementwise_cycles()),
    ]


def longest_paths(slowest: SynthesizedModule) -> list[LongestPath]:
    """The longest path of a module in both kinds of transistors."""
    return [
        LongestPath(kind, slowest.longest_path_ps * 1e-12 * delay_factor(kind))
        for kind in ("high performance", "low power")
    ]
