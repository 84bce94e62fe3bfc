"""Control across acceptance, predictability, cost ratio, EDC's options and look-ahead, one at a time."""

from dataclasses import dataclass

from ahasd.studies.control.cells import (
    BOUNDS,
    SpeedAndEnergy,
    best_static,
    measure,
    measure_pilot,
    measure_static,
    measured_machine,
    placed_machine,
)
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.synthetic import synthesize

#: The middle of the sweep, from which one parameter at a time departs (ours).
MIDDLE = {"acceptance": 0.8, "auc": 0.7, "cost_ratio": 0.1}
SWEEPS = {
    "acceptance": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95),
    "auc": (0.5, 0.6, 0.7, 0.8, 0.9),
    "cost_ratio": (0.05, 0.1, 0.2, 0.3, 0.5),
}
EDC_SWEEPS = {"history": (2, 4, 8, 16, 32), "entropy_maximum": (2.0, 4.0, 6.0, 10.0, 16.0)}
LOOK_AHEAD_SWEEP = (4, 8, 16, 32, 64)
PREVERIFICATIONS = ("recompute", "follow", "race")


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """Tokens per second at one point, relative to plain asynchrony with the same batches."""

    parameter: str
    value: str
    relative: dict[str, float]


def sweep_point(parameter: str, value: float, tokens: int, seeds: int) -> SweepPoint:
    """A synthetic trace on a machine of measured steps: EDC, static, goodput and bounds over plain asynchrony."""
    point = MIDDLE | {parameter: value}
    machine = measured_machine(point["cost_ratio"], tokens)
    design, test = (
        synthesize(point["acceptance"], point["auc"], positions=4000, seed=seed) for seed in (0, 1)
    )
    found = {
        "+EDC": measure(machine, test, seeds, edc=True),
        "best static": measure_static(machine, test, seeds, best_static(machine, design, seeds)),
        "goodput": measure_pilot(machine, test, seeds, "goodput"),
        **{bound: measure_pilot(machine, test, seeds, bound) for bound in BOUNDS},
    }
    return SweepPoint(parameter, f"{value:g}", _relative(found, measure(machine, test, seeds)))


def edc_point(parameter: str, value: float, tokens: int, seeds: int) -> SweepPoint:
    """EDC with one option changed, in the middle of the sweep."""
    machine, test = measured_machine(MIDDLE["cost_ratio"], tokens), _middle_trace()
    edc = measure(machine, test, seeds, edc=True, edc_options={parameter: value})
    return SweepPoint(parameter, f"{value:g}", _relative({"+EDC": edc}, measure(machine, test, seeds)))


def look_ahead_point(limit: int, tokens: int, seeds: int) -> SweepPoint:
    """Plain asynchrony and EDC under a look-ahead limit, in the middle of the sweep."""
    machine, test = measured_machine(MIDDLE["cost_ratio"], tokens), _middle_trace()
    limited = {
        "async": measure(machine, test, seeds, look_ahead_limit=limit),
        "+EDC": measure(machine, test, seeds, edc=True, look_ahead_limit=limit),
    }
    return SweepPoint("look_ahead_limit", str(limit), _relative(limited, measure(machine, test, seeds)))


def preverification_point(pair: str, hardware: str, tokens: int, seeds: int) -> SweepPoint:
    """TVC beside EDC on a reading, over plain asynchrony; its passes need a machine with real costs."""
    machine, test = placed_machine(pair, hardware, tokens), _middle_trace()
    found = {"+EDC": measure(machine, test, seeds, edc=True)}
    for kind in PREVERIFICATIONS:
        found[f"+EDC+TVC {kind}"] = measure(machine, test, seeds, edc=True, tvc=True, preverification=kind)
    return SweepPoint("reading", hardware, _relative(found, measure(machine, test, seeds)))


def _middle_trace() -> RolloutTrace:
    return synthesize(MIDDLE["acceptance"], MIDDLE["auc"], positions=4000, seed=1)


def _relative(found: dict[str, SpeedAndEnergy], plain: SpeedAndEnergy) -> dict[str, float]:
    return {name: figures.tokens_per_second / plain.tokens_per_second for name, figures in found.items()}
