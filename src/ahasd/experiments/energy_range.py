"""A run's energy over the ranges of the constants that it is computed from: ``--energy-range``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from ahasd.errors import AhasdError
from ahasd.experiments.energy_corners import at_corner
from ahasd.experiments.shelf import Shelf
from ahasd.hardware.components import COMPONENTS
from ahasd.hardware.energy_ranges import energy_ranges
from ahasd.speculation.configuration import Resolved
from ahasd.speculation.results import SpeculationResult
from ahasd.speculation.run import SpeculationRun

Figure = TypeVar("Figure")


@dataclass(frozen=True, slots=True)
class Span:
    """The ends of a figure, and what it is with the preset's constants."""

    low: float
    default: float
    high: float


@dataclass(frozen=True, slots=True)
class EnergyRange:
    """A run with all energy constants at the low ends, as they are, and at the high ends of their ranges.

    At a fixed schedule the energy is a sum of constants times counts of work or times, none of them negative: linear
    and rising in each constant, so the two corners bound it over the whole box. (A GPU's work counts above its idle
    power, so only work and idle together rise in ``idle_w``, and what was wasted has no such bounds.) The constants
    move time only where the power cap throttles the PIM: then ``time_fixed`` is False, and the corners are two more
    runs, no bounds.

    Attributes
    ----------
    constants
        ``{key: (low, high)}``, those that have a range.
    """

    constants: Mapping[str, tuple[float, float]]
    low: SpeculationResult
    default: SpeculationResult
    high: SpeculationResult

    @property
    def time_fixed(self) -> bool:
        """Whether the constants leave the schedule as it is."""
        return self.low.seconds == self.default.seconds == self.high.seconds

    @property
    def joules_per_token(self) -> Span:
        """Joules per token."""
        return self._range(*(known(result.joules_per_token) for result in self._results))

    @property
    def average_power_w(self) -> Span:
        """Watts."""
        return self._range(*(known(result.average_power_w) for result in self._results))

    @property
    def joules_wasted(self) -> Span | None:
        """Joules of work that brought no token; None where some of them fall in a constant, as with GPUs."""
        if any(part.less for part in COMPONENTS if part.name in self.default.energy_j):
            return None
        return self._range(*(known(result.speculation.joules_wasted) for result in self._results))

    @property
    def tokens_per_second(self) -> Span:
        """Tokens per second; one value where time is fixed."""
        return self._range(*(result.tokens_per_second for result in self._results))

    @property
    def devices(self) -> dict[str, Span]:
        """Joules by device, at work and at rest."""
        reports = [known(result.energy_report).by_device for result in self._results]
        return {
            device: self._range(*(report[device].dynamic_j + report[device].static_j for report in reports))
            for device in reports[1]
        }

    @property
    def _results(self) -> tuple[SpeculationResult, SpeculationResult, SpeculationResult]:
        return self.low, self.default, self.high

    @staticmethod
    def _range(low: float, default: float, high: float) -> Span:
        return Span(min(low, default, high), default, max(low, default, high))


def known(figure: Figure | None) -> Figure:
    """A figure of energy, which is known where ranges are."""
    assert figure is not None, "the energy of this hardware is known"
    return figure


def energy_range(
    resolved: Resolved, run: SpeculationRun | None = None, shelf: Shelf | None = None
) -> EnergyRange:
    """Run a configuration at both corners, and as it is unless that has been done.

    Raises
    ------
    AhasdError
        What the hardware draws is not known.

    Parameters
    ----------
    run
        The configuration's own run.
    shelf
        Where machines are kept between calls, for many seeds or algorithms.
    """
    hardware = resolved.preset.hardware
    if not hardware.energy_is_known:
        raise AhasdError(
            f"--energy-range: what hardware '{hardware.name}' draws is not published, so its energy has no range; "
            "leave it out, or give the constants (--set gpu.idle_w=W --set gpu.limit_w=W for a GPU)"
        )
    shelf = Shelf() if shelf is None else shelf
    low, high = (shelf.run_one(at_corner(resolved, end)) for end in (0, 1))
    default = run.result(search_break_even=False) if run is not None else shelf.run_one(resolved)
    return EnergyRange(energy_ranges(resolved.preset), low, default, high)
