"""What the study's cells come to: gains and shares over pairs and readings, and a gain as two factors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from ahasd.studies.control.study import ControlCell, MappingCell
from ahasd.studies.control.sweeps import SweepPoint


@dataclass(frozen=True, slots=True)
class ShareSummary:
    """Geometric mean and least of shares of a gap; the mean is 0 as soon as one is not positive."""

    mean: float
    least: float


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """The cells of one trace.

    Attributes
    ----------
    gain, least_gain
        Of goodput over the best static control: geometric mean, and least.
    of_clairvoyant, of_exact
        Shares of the gaps to these bounds that goodput closes.
    informed_of_exact
        Share of the gap to exact that the informed bound closes, geometric mean.
    """

    trace: str
    gain: float
    least_gain: float
    of_clairvoyant: ShareSummary
    of_exact: ShareSummary
    informed_of_exact: float


@dataclass(frozen=True, slots=True)
class GainFactors:
    """The gain of ahasd-plus over ahasd: by control on AHASD's own mapping, and by mapping (the rest)."""

    pair: str
    hardware: str
    mapping: float
    control: float

    @property
    def gain(self) -> float:
        """Both together."""
        return self.mapping * self.control


def summarize_traces(cells: Sequence[ControlCell]) -> list[TraceSummary]:
    """A summary per trace."""
    return [
        _of_trace(trace, [cell for cell in cells if cell.trace == trace])
        for trace in dict.fromkeys(cell.trace for cell in cells)
    ]


def gain_factors(cells: Sequence[MappingCell]) -> list[GainFactors]:
    """Of those cells in which ahasd can run."""
    found = []
    for cell in cells:
        ahasd = cell.fixed.get("ahasd")
        if ahasd is not None:
            own = cell.own.tokens_per_second
            mapping, control = cell.plus.tokens_per_second / own, own / ahasd.tokens_per_second
            found.append(GainFactors(cell.pair, cell.hardware, mapping, control))
    return found


def by_parameter(points: Iterable[SweepPoint]) -> dict[str, list[SweepPoint]]:
    """The points of each sweep."""
    found: dict[str, list[SweepPoint]] = {}
    for point in points:
        found.setdefault(point.parameter, []).append(point)
    return found


def geometric_mean(values: Sequence[float]) -> float:
    """Geometric mean; 0 as soon as a value is not positive."""
    return exp(sum(map(log, values)) / len(values)) if min(values) > 0 else 0.0


def _of_trace(trace: str, cells: Sequence[ControlCell]) -> TraceSummary:
    gains = [cell.gain for cell in cells]
    return TraceSummary(
        trace,
        geometric_mean(gains),
        min(gains),
        _shares([cell.share("clairvoyant") for cell in cells]),
        _shares([cell.share("exact") for cell in cells]),
        geometric_mean([cell.share("exact", cell.bounds["informed"]) for cell in cells]),
    )


def _shares(shares: Sequence[float]) -> ShareSummary:
    return ShareSummary(geometric_mean(shares), min(shares))
