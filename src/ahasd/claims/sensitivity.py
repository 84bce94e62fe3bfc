"""Which parameters flip the verdict on a claim: one is varied at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import get_args

from ahasd.claims.claim import Claim, Parameter
from ahasd.claims.condition import Condition
from ahasd.claims.findings import judge
from ahasd.claims.measuring.energy_ranges import offchip_range
from ahasd.claims.measuring.fill import Progress, fill
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.measuring.offloaded import offloaded_gigabytes
from ahasd.claims.verdict import Judged, Verdict
from ahasd.errors import AhasdError
from ahasd.studies.control.sweeps import MIDDLE, SWEEPS
from ahasd.systems.suites import READINGS

#: Points of off-chip energy are this far apart, pJ/bit (ours).
OFFCHIP_STEP = 2
#: Memories of laptop and desktop GPUs, and larger ones in which every pair fits in FP16 too (ours).
GPU_MEMORY_GIB = (12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 28.0, 32.0, 40.0, 48.0, 64.0, 80.0, 96.0)
GPU_BITS = (8, 16)
#: Of synthetic traces; the other one of the two is held at the middle.
ACCEPTANCES, AUCS = SWEEPS["acceptance"], SWEEPS["auc"]


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a parameter.

    Attributes
    ----------
    series
        Points that one line connects: the precision of the GPU; empty for the other parameters.
    label
        The value, for a reader.
    x
        The value as a number; None for a name.
    judged
        What the claim comes to there.
    """

    series: str
    label: str
    x: float | None
    judged: Judged


@dataclass(frozen=True, slots=True)
class Sweep:
    """A parameter over its values, and as run.

    Attributes
    ----------
    quantity
        What ``x`` is.
    unit
        Of ``x``.
    """

    parameter: Parameter
    quantity: str
    unit: str
    points: tuple[Point, ...]

    @property
    def series(self) -> dict[str, list[Point]]:
        """The points that one line connects, by the name of the line."""
        found: dict[str, list[Point]] = {}
        for point in self.points:
            found.setdefault(point.series, []).append(point)
        return found

    def flips(self, claim: Claim) -> bool:
        """Whether the verdict depends on it: its points do not agree, or the figure is met between two."""
        verdicts = {point.judged.verdict for point in self.points if point.judged.value is not None}
        between = Verdict.HOLDS not in verdicts and any(meeting(line, claim) for line in self.series.values())
        return len(verdicts) > 1 or between


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A claim as run, and over every parameter that can move it."""

    claim: Claim
    base: Judged
    sweeps: tuple[Sweep, ...]


#: A point before it is measured.
Planned = tuple[str, str, float | None, Condition]


def sensitivity(
    claim: Claim, known_runs: KnownRuns, jobs: int = 1, progress: Progress = lambda done, total: None
) -> Sensitivity:
    """Vary what can move a claim, one parameter at a time, the energy constants fixed.

    Parameters
    ----------
    jobs
        Processes to run on.
    progress
        Called with runs done and runs in all.

    Raises
    ------
    AhasdError
        The claim cannot be tested, or nothing of a run moves it; the message says why.
    """
    if claim.measurement is None:
        raise AhasdError(f"claim '{claim.name}' cannot be tested: {claim.untestable}")
    if not claim.parameters:
        raise AhasdError(
            f"none of {', '.join(get_args(Parameter))} moves claim '{claim.name}'; under which other conditions it "
            f"holds says `ahasd claims --only {claim.name}`"
        )
    plans = {parameter: _PLANS[parameter](claim, known_runs.tokens) for parameter in claim.parameters}
    every = [condition for planned in plans.values() for *_, condition in planned]
    fill(known_runs, ((claim, condition) for condition in (claim.base, *every)), jobs, progress)
    sweeps = tuple(
        Sweep(
            parameter,
            *_QUANTITIES[parameter],
            tuple(Point(series, label, x, judge(claim, known_runs, at)) for series, label, x, at in planned),
        )
        for parameter, planned in plans.items()
    )
    return Sensitivity(claim, judge(claim, known_runs, claim.base), sweeps)


def meeting(points: Sequence[Point], claim: Claim) -> list[tuple[float, float]]:
    """Stretches of ``x`` on which the mean, a straight line between points, meets the published figure.

    Points that cannot run are left out; the ends of a stretch are interpolated.
    """
    band = claim.band
    assert band is not None
    known = sorted(
        (point.x, point.judged.value.mean)
        for point in points
        if point.x is not None and point.judged.value is not None
    )
    stretches: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(known):
        # The shares of the way from one point to the next at which the line enters and leaves the band.
        if y0 == y1:
            enter, leave = (0.0, 1.0) if band.low <= y0 <= band.high else (1.0, 0.0)
        else:
            ends = sorted(((band.low - y0) / (y1 - y0), (band.high - y0) / (y1 - y0)))
            enter, leave = max(0.0, ends[0]), min(1.0, ends[1])
        if enter > leave:
            continue
        low, high = x0 + enter * (x1 - x0), x0 + leave * (x1 - x0)
        if stretches and stretches[-1][1] == low:
            stretches[-1] = stretches[-1][0], high
        else:
            stretches.append((low, high))
    return stretches


def holding(points: Sequence[Point]) -> list[str]:
    """Labels of the points at which the claim holds."""
    return [point.label for point in points if point.judged.verdict is Verdict.HOLDS]


def _readings(claim: Claim, tokens: int) -> list[Planned]:
    base = _fixed(claim)
    return [("", name, None, replace(base, said=f"PIM read as {name}", reading=name)) for name in READINGS]


def _offchip(claim: Claim, tokens: int) -> list[Planned]:
    """Over the range that the preset states, with its sources."""
    base = _fixed(claim)
    low, high = offchip_range(base.reading)
    between = range(OFFCHIP_STEP * (int(low) // OFFCHIP_STEP + 1), ceil(high), OFFCHIP_STEP)
    return [
        ("", f"{pj:g}", pj, replace(base, said=f"{pj:g} pJ/bit off the chip", offchip_pj_per_bit=pj))
        for pj in (low, *map(float, between), high)
    ]


def _gpus(claim: Claim, tokens: int) -> list[Planned]:
    """Sizes of the GPU's memory; ``x`` is what does not fit, mean over the claim's pairs."""
    base = _fixed(claim)
    planned: list[Planned] = []
    for bits in GPU_BITS:
        for memory in GPU_MEMORY_GIB:
            label = f"{memory:g} GiB"
            gpu = replace(base.gpu, bits=bits, set=(*base.gpu.set, f"gpu.memory_gib={memory:g}"))
            condition = replace(base, said=f"GPU of {label}, {bits} bits", gpu=gpu)
            planned.append((f"{bits} bits", label, offloaded_gigabytes(claim, condition, tokens), condition))
    return planned


def _acceptances(claim: Claim, tokens: int) -> list[Planned]:
    return [(_synthetic(claim, level, MIDDLE["auc"], level)) for level in ACCEPTANCES]


def _aucs(claim: Claim, tokens: int) -> list[Planned]:
    return [(_synthetic(claim, MIDDLE["acceptance"], area, area)) for area in AUCS]


def _synthetic(claim: Claim, acceptance: float, auc: float, x: float) -> Planned:
    said = f"acceptance {acceptance:g}, AUC {auc:g}"
    trace = f"synthetic:acceptance={acceptance:g},auc={auc:g}"
    return "", f"{x:g}", x, replace(_fixed(claim), said=said, trace=trace)


def _fixed(claim: Claim) -> Condition:
    return replace(claim.base, energy_ranges=False)


_PLANS: dict[Parameter, Callable[[Claim, int], list[Planned]]] = {
    "reading": _readings,
    "offchip": _offchip,
    "gpu": _gpus,
    "acceptance": _acceptances,
    "auc": _aucs,
}

#: What x is, and its unit.
_QUANTITIES: dict[Parameter, tuple[str, str]] = {
    "reading": ("the PIM is read as", ""),
    "offchip": ("off-chip energy", "pJ/bit"),
    "gpu": ("the GPU offloads", "GB"),
    "acceptance": (f"acceptance of a synthetic trace (AUC {MIDDLE['auc']:g})", ""),
    "auc": (f"AUC with which entropy predicts acceptance ({MIDDLE['acceptance']:g})", ""),
}
