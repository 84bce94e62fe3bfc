"""What control is worth: on AHASD's mapping against the best static one and the bounds, and across parameters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log

from ahasd.drafting.specification import parse_algorithm
from ahasd.errors import AhasdError
from ahasd.explore.control_cells import (
    Figures,
    Static,
    best_static,
    measure,
    measure_pilot,
    measure_static,
    measured_machine,
    placed_machine,
)
from ahasd.systems.configuration import RunConfiguration, resolve
from ahasd.systems.preset import SystemPreset, load_system
from ahasd.systems.simulate import Run
from ahasd.traces.shipped import load_shipped
from ahasd.traces.synthetic import synthesize

PAIRS = ("opt-1.3b:opt-6.7b", "llama2-7b:llama2-13b", "palm-like-8b:palm-like-30b")
READINGS = ("module-mac", "module-op", "rank-compute", "rank-both")
TRACES = ("tiny-distilled-sampled", "tiny-distilled-greedy")
BOUNDS = ("informed", "exact", "clairvoyant")

SPLIT_ALONE = "npu-pim-split without a draft"

#: Systems on the same memory that ahasd-plus is held against.
FIXED_SYSTEMS = (
    "npu-autoregressive",
    "pim-autoregressive",
    "npu",
    "pim-only",
    "npu-pim-split",
    SPLIT_ALONE,
    "npu-pim-sync",
    "npu-pim-async+aau",
    "ahasd",
)


@dataclass(frozen=True, slots=True)
class ControlCell:
    """A pair on a reading over a trace: the best static control (found on design prompts), ours, and the bounds."""

    pair: str
    hardware: str
    trace: str
    chosen: Static
    static: Figures
    goodput: Figures
    bounds: dict[str, Figures]

    def share(self, bound: str, of: Figures | None = None) -> float:
        """(T - T_static) / (T_bound - T_static), of goodput if nothing else is given; 0 where there is no gap."""
        figures = of if of is not None else self.goodput
        gap = self.bounds[bound].tokens_per_second - self.static.tokens_per_second
        return (figures.tokens_per_second - self.static.tokens_per_second) / gap if gap > 0 else 0.0


@dataclass(frozen=True, slots=True)
class MappingCell:
    """ahasd-plus, its control on AHASD's own mapping, and every fixed system that fits, on the same prompts."""

    pair: str
    hardware: str
    plus: Figures
    runs: str
    own: Figures
    fixed: dict[str, Figures]

    @property
    def best(self) -> str:
        """The fastest fixed system."""
        return max(self.fixed, key=lambda name: self.fixed[name].tokens_per_second)


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """Tokens per second at one point, relative to plain asynchrony with the same batches."""

    parameter: str
    value: str
    relative: dict[str, float]


def control_cells(tokens: int, seeds: int) -> Iterator[ControlCell]:
    """Every pair, reading and trace; design on every other prompt, figures from the rest."""
    for pair in PAIRS:
        for hardware in READINGS:
            machine = placed_machine(pair, hardware, tokens)
            for name in TRACES:
                design, test = load_shipped(name).split_prompts(2)
                static = best_static(machine, design)
                yield ControlCell(
                    pair,
                    hardware,
                    name,
                    static,
                    measure_static(machine, test, seeds, static),
                    measure_pilot(machine, test, seeds, "goodput"),
                    {bound: measure_pilot(machine, test, seeds, bound) for bound in BOUNDS},
                )


def mapping_cells(tokens: int, algorithm: str = "adaedl", trace: str = TRACES[0]) -> Iterator[MappingCell]:
    """Every pair and reading; fixed systems see the prompts that ahasd-plus left for the run."""
    for pair in PAIRS:
        for hardware in READINGS:
            given = {"pair": pair, "hardware": hardware, "tokens": tokens, "algorithm": algorithm}
            plus = Run(resolve(RunConfiguration.checked(system="ahasd-plus", trace=trace, **given)))
            rest = plus.resolved.trace
            fixed = {}
            for system in FIXED_SYSTEMS:
                alone = {"system": "npu-pim-split", "algorithm": "none"} if system == SPLIT_ALONE else {}
                asked = {**given, "system": system, "trace": trace, **alone}
                resolved = resolve(RunConfiguration.checked(**asked))
                try:
                    fixed[system] = _figures(Run(replace(resolved, trace=rest)))
                except AhasdError:
                    continue
            chosen = plus.resolved.system
            runs = f"{chosen.schedule} on {chosen.target_device}"
            own = SystemPreset.model_validate(load_system("ahasd-plus").model_dump() | {"alternatives": ()})
            governed = Run(replace(plus.resolved, system=own, algorithm=parse_algorithm(algorithm)))
            yield MappingCell(pair, hardware, _figures(plus), runs, _figures(governed), fixed)


def _figures(run: Run) -> Figures:
    result = run.result(break_even=False)
    return Figures(result.tokens_per_second, result.joules_per_token)


def geometric_mean(values: list[float]) -> float:
    """Geometric mean; 0 as soon as a value is not positive."""
    return exp(sum(map(log, values)) / len(values)) if min(values) > 0 else 0.0


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


def sweep_points(tokens: int, seeds: int) -> Iterator[SweepPoint]:
    """Synthetic traces on a machine of measured steps: EDC, static, goodput and bounds over plain asynchrony."""
    for parameter, values in SWEEPS.items():
        for value in values:
            point = MIDDLE | {parameter: value}
            machine = measured_machine(point["cost_ratio"], tokens)
            design, test = (
                synthesize(point["acceptance"], point["auc"], positions=4000, seed=seed) for seed in (0, 1)
            )
            plain = measure(machine, test, seeds).tokens_per_second
            found = {
                "+EDC": measure(machine, test, seeds, edc=True),
                "best static": measure_static(machine, test, seeds, best_static(machine, design)),
                "goodput": measure_pilot(machine, test, seeds, "goodput"),
                **{bound: measure_pilot(machine, test, seeds, bound) for bound in BOUNDS},
            }
            yield SweepPoint(parameter, f"{value:g}", _relative(found, plain))
    machine = measured_machine(MIDDLE["cost_ratio"], tokens)
    test = synthesize(MIDDLE["acceptance"], MIDDLE["auc"], positions=4000, seed=1)
    plain = measure(machine, test, seeds).tokens_per_second
    for parameter, values in EDC_SWEEPS.items():
        for value in values:
            edc = measure(machine, test, seeds, edc=True, edc_options={parameter: value})
            yield SweepPoint(parameter, f"{value:g}", _relative({"+EDC": edc}, plain))
    for limit in LOOK_AHEAD_SWEEP:
        limited = {
            "async": measure(machine, test, seeds, look_ahead_limit=limit),
            "+EDC": measure(machine, test, seeds, edc=True, look_ahead_limit=limit),
        }
        yield SweepPoint("look_ahead_limit", str(limit), _relative(limited, plain))


def preverification_points(tokens: int, seeds: int, pair: str = PAIRS[1]) -> Iterator[SweepPoint]:
    """TVC beside EDC on the readings, over plain asynchrony; its passes need a machine with real costs."""
    test = synthesize(MIDDLE["acceptance"], MIDDLE["auc"], positions=4000, seed=1)
    for hardware in READINGS:
        machine = placed_machine(pair, hardware, tokens)
        plain = measure(machine, test, seeds).tokens_per_second
        found = {"+EDC": measure(machine, test, seeds, edc=True)}
        for kind in PREVERIFICATIONS:
            found[f"+EDC+TVC {kind}"] = measure(
                machine, test, seeds, edc=True, tvc=True, preverification=kind
            )
        yield SweepPoint("reading", hardware, _relative(found, plain))


def _relative(found: dict[str, Figures], plain: float) -> dict[str, float]:
    return {name: figures.tokens_per_second / plain for name, figures in found.items()}
