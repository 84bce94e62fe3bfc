"""The conditions under which claims are measured: what the papers leave open, and ours for each."""

from dataclasses import dataclass

from ahasd.traces.default import DEFAULT_TRACE


@dataclass(frozen=True, slots=True)
class Condition:
    """What every condition says; a paper's own class adds what that paper leaves open.

    Attributes
    ----------
    said
        How it departs from the default, for a reader; empty for the default.
    spans_ranges
        Whether the interval spans the ranges of the energy constants, for an area those of scaling and placement.
    """

    said: str = ""
    spans_ranges: bool = True


@dataclass(frozen=True, slots=True)
class RunCondition(Condition):
    """A condition of simulated runs.

    Attributes
    ----------
    trace
        Whose acceptance is replayed.
    algorithm
        Suffix of every drafting algorithm's name that takes it, such as ``:calibrated=4``.
    """

    trace: str = DEFAULT_TRACE
    algorithm: str = ""

    def energy_factor(self, component: str, offchip_pj_per_bit: float | None) -> float:
        """By what a component of the energy is larger than with the preset's constants.

        Parameters
        ----------
        component
            Its name.
        offchip_pj_per_bit
            What the preset takes for a bit on the memory's bus; None where there is no such bus.
        """
        return 1.0
