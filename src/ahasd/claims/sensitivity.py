"""Which parameters flip the verdict on a claim: one is varied at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, get_args

from ahasd.claims.ahasd.condition import AhasdCondition
from ahasd.claims.ahasd.offloaded import offloaded_gigabytes
from ahasd.claims.claim import Claim, Parameter
from ahasd.claims.condition import Condition, RunCondition
from ahasd.claims.condition_axes import ConditionType
from ahasd.claims.findings import judge
from ahasd.claims.measuring.energy_ranges import offchip_range
from ahasd.claims.measuring.fill import fill
from ahasd.claims.measuring.known_runs import KnownRuns
from ahasd.claims.sweep import Point, Sweep
from ahasd.claims.verdict import Judged
from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running
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
class Sensitivity:
    """A claim as run, and over every parameter that can move it."""

    claim: Claim[Any]
    base: Judged
    sweeps: tuple[Sweep, ...]

    @property
    def flipping(self) -> list[Sweep]:
        """Those of parameters on which the verdict depends."""
        return [sweep for sweep in self.sweeps if sweep.flips(self.claim)]

    @property
    def steady(self) -> list[Sweep]:
        """Those of parameters on which it does not."""
        return [sweep for sweep in self.sweeps if not sweep.flips(self.claim)]

    @property
    def fixed(self) -> list[Parameter]:
        """Parameters that are not varied: not in the figure, or stated by its source."""
        return [name for name in get_args(Parameter) if name not in self.claim.parameters]


#: A point before it is measured.
Planned = tuple[str, str, float | None, Condition]


def sensitivity(claim: Claim[Any], known_runs: KnownRuns, running: Running | None = None) -> Sensitivity:
    """Vary what can move a claim, one parameter at a time, the energy constants fixed.

    Parameters
    ----------
    running
        Where runs are kept and who computes them; by default this process, and nowhere.

    Raises
    ------
    AhasdError
        The claim cannot be tested, or nothing of a run moves it; the message says why.
    """
    base = claim.base
    if claim.measurement is None or base is None:
        raise AhasdError(f"claim '{claim.name}' cannot be tested: {claim.untestable}")
    if not claim.parameters:
        raise AhasdError(
            f"none of {', '.join(get_args(Parameter))} moves claim '{claim.name}'; under which other conditions it "
            f"holds says `ahasd claims --only {claim.name}`"
        )
    plans = {parameter: _PLANS[parameter](claim, known_runs.tokens) for parameter in claim.parameters}
    every = [condition for planned in plans.values() for *_, condition in planned]
    fill(known_runs, ((claim, condition) for condition in (base, *every)), running)
    sweeps = tuple(
        Sweep(
            parameter,
            *_QUANTITIES[parameter],
            tuple(Point(series, label, x, judge(claim, known_runs, at)) for series, label, x, at in planned),
        )
        for parameter, planned in plans.items()
    )
    return Sensitivity(claim, judge(claim, known_runs, base), sweeps)


def _readings(claim: Claim[Any], tokens: int) -> list[Planned]:
    base = _fixed(claim, AhasdCondition)
    return [("", name, None, replace(base, said=f"PIM read as {name}", reading=name)) for name in READINGS]


def _offchip(claim: Claim[Any], tokens: int) -> list[Planned]:
    """Over the range that the preset states, with its sources."""
    base = _fixed(claim, AhasdCondition)
    low, high = offchip_range(base.reading)
    between = range(OFFCHIP_STEP * (int(low) // OFFCHIP_STEP + 1), ceil(high), OFFCHIP_STEP)
    return [
        ("", f"{pj:g}", pj, replace(base, said=f"{pj:g} pJ/bit off the chip", offchip_pj_per_bit=pj))
        for pj in (low, *map(float, between), high)
    ]


def _gpus(claim: Claim[Any], tokens: int) -> list[Planned]:
    """Sizes of the GPU's memory; ``x`` is what does not fit, mean over the claim's pairs."""
    base = _fixed(claim, AhasdCondition)
    planned: list[Planned] = []
    for bits in GPU_BITS:
        for memory in GPU_MEMORY_GIB:
            label = f"{memory:g} GiB"
            gpu = replace(base.gpu, bits=bits, set=(*base.gpu.set, f"gpu.memory_gib={memory:g}"))
            condition = replace(base, said=f"GPU of {label}, {bits} bits", gpu=gpu)
            planned.append((f"{bits} bits", label, offloaded_gigabytes(claim, condition, tokens), condition))
    return planned


def _acceptances(claim: Claim[Any], tokens: int) -> list[Planned]:
    return [(_synthetic(claim, level, MIDDLE["auc"], level)) for level in ACCEPTANCES]


def _aucs(claim: Claim[Any], tokens: int) -> list[Planned]:
    return [(_synthetic(claim, MIDDLE["acceptance"], area, area)) for area in AUCS]


def _synthetic(claim: Claim[Any], acceptance: float, auc: float, x: float) -> Planned:
    said = f"acceptance {acceptance:g}, AUC {auc:g}"
    trace = f"synthetic:acceptance={acceptance:g},auc={auc:g}"
    return "", f"{x:g}", x, replace(_fixed(claim, RunCondition), said=said, trace=trace)


def _fixed(claim: Claim[Any], kind: type[ConditionType]) -> ConditionType:
    """The claim's own condition, the energy constants fixed."""
    base = claim.base
    assert isinstance(base, kind), f"a parameter of {claim.name} that its paper does not have"
    return replace(base, spans_ranges=False)


_PLANS: dict[Parameter, Callable[[Claim[Any], int], list[Planned]]] = {
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
