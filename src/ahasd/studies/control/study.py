"""What control is worth: on AHASD's mapping against the best static one and the bounds, and across parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running, carry_out
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.drafting.specification import parse_algorithm
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.run import SpeculationRun
from ahasd.studies.control.cells import (
    BOUNDS,
    SpeedAndEnergy,
    Static,
    best_static,
    measure_pilot,
    measure_static,
    placed_machine,
)
from ahasd.studies.control.signals import SignalCell, signal_cell
from ahasd.studies.control.sweeps import (
    EDC_SWEEPS,
    LOOK_AHEAD_SWEEP,
    SWEEPS,
    SweepPoint,
    edc_point,
    look_ahead_point,
    preverification_point,
    sweep_point,
)
from ahasd.studies.parts import Part, figures_of, part_task
from ahasd.systems.suites import PAIRS, READINGS
from ahasd.traces.default import SMOLLM2_SELF_TRACE, SMOLLM2_TRACE
from ahasd.traces.shipped import load_shipped

TRACES = (SMOLLM2_SELF_TRACE, SMOLLM2_TRACE)

CLAIRVOYANT = "clairvoyant"
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
    static: SpeedAndEnergy
    goodput: SpeedAndEnergy
    bounds: dict[str, SpeedAndEnergy]

    @property
    def gain(self) -> float:
        """Speed of goodput over the best static control."""
        return self.goodput.tokens_per_second / self.static.tokens_per_second

    def share(self, bound: str, of: SpeedAndEnergy | None = None) -> float:
        """(T - T_static) / (T_bound - T_static), of goodput if nothing else is given; 0 where there is no gap."""
        figures = of if of is not None else self.goodput
        gap = self.bounds[bound].tokens_per_second - self.static.tokens_per_second
        return (figures.tokens_per_second - self.static.tokens_per_second) / gap if gap > 0 else 0.0


@dataclass(frozen=True, slots=True)
class MappingCell:
    """ahasd-plus, its control on AHASD's own mapping, and every fixed system that fits, on the same prompts."""

    pair: str
    hardware: str
    ranks_per_channel: int
    plus: SpeedAndEnergy
    runs: str
    own: SpeedAndEnergy
    clairvoyant: SpeedAndEnergy
    fixed: dict[str, SpeedAndEnergy]
    refused: dict[str, str]

    @property
    def best(self) -> str:
        """The fastest fixed system."""
        return max(self.fixed, key=lambda name: self.fixed[name].tokens_per_second)

    @property
    def ratio(self) -> float:
        """Speed of ahasd-plus over the fastest fixed system."""
        return self.plus.tokens_per_second / self.fixed[self.best].tokens_per_second

    @property
    def over_ahasd(self) -> float | None:
        """Speed of ahasd-plus over ahasd; None where that cannot run."""
        ahasd = self.fixed.get("ahasd")
        return None if ahasd is None else self.plus.tokens_per_second / ahasd.tokens_per_second

    @property
    def room(self) -> float:
        """What both devices together might reach, over the best fixed system.

        The faster of two ideals. Either both decode with the target alone, without ever waiting for each other: of a
        channel's ranks, the one that feeds the NPU does not compute, so that the rates are NPU + PIM (1 - 1/ranks).
        Or the clairvoyant controls AHASD's own mapping. Neither can be built.
        """
        npu, pim, best = (
            self.fixed[name].tokens_per_second if name in self.fixed else 0.0
            for name in ("npu-autoregressive", "pim-autoregressive", self.best)
        )
        together = npu + pim * (1 - 1 / self.ranks_per_channel)
        return max(together, pim, self.clairvoyant.tokens_per_second) / best


@dataclass(frozen=True, slots=True)
class ControlStudy:
    """All that the study has found, and how long its runs were."""

    tokens: int
    seeds: int
    controls: tuple[ControlCell, ...]
    signals: tuple[SignalCell, ...]
    mappings: tuple[MappingCell, ...]
    sweeps: tuple[SweepPoint, ...]


def study_control(
    tokens: int, seeds: int, pairs: Sequence[str] = PAIRS, running: Running | None = None
) -> ControlStudy:
    """Run the study.

    Parameters
    ----------
    tokens, seeds
        Of every run; how many runs a figure is the mean of.
    pairs
        Of models, for the costs.
    running
        Where its parts are kept and who computes them; by default this process, and nowhere.

    Raises
    ------
    AhasdError
        A pair does not exist, a part cannot be computed, or the store cannot be used.
    """
    tasks = {part: part_task(part) for part in _parts(tokens, seeds, pairs)}
    rows = carry_out(list(tasks.values()), Running() if running is None else running)

    def found(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(
            figures_of(rows[task.key], kind)
            for (function, _), task in tasks.items()
            if get_type_hints(function)["return"] is kind
        )

    return ControlStudy(
        tokens, seeds, found(ControlCell), found(SignalCell), found(MappingCell), found(SweepPoint)
    )


def _parts(tokens: int, seeds: int, pairs: Sequence[str]) -> list[Part]:
    """What is to be computed, each part on its own, in the order of the document."""
    cells = [(pair, hardware) for pair in pairs for hardware in READINGS]
    return [
        *((control_cell, (*cell, trace, tokens, seeds)) for cell in cells for trace in TRACES),
        *((signal_cell, (trace,)) for trace in TRACES),
        *((mapping_cell, (*cell, tokens)) for cell in cells),
        *((sweep_point, (name, value, tokens, seeds)) for name, values in SWEEPS.items() for value in values),
        *(
            (edc_point, (name, value, tokens, seeds))
            for name, values in EDC_SWEEPS.items()
            for value in values
        ),
        *((look_ahead_point, (limit, tokens, seeds)) for limit in LOOK_AHEAD_SWEEP),
        *((preverification_point, (_of_readings(pairs), hardware, tokens, seeds)) for hardware in READINGS),
    ]


def _of_readings(pairs: Sequence[str]) -> str:
    """The pair with whose costs pre-verification is tried: the paper's middle one if it is asked for (ours)."""
    return PAIRS[1] if PAIRS[1] in pairs else pairs[0]


def control_cell(pair: str, hardware: str, trace: str, tokens: int, seeds: int) -> ControlCell:
    """A pair, reading and trace; design on every other prompt, figures from the rest."""
    machine = placed_machine(pair, hardware, tokens)
    design, test = load_shipped(trace).split_prompts(2)
    static = best_static(machine, design, seeds)
    return ControlCell(
        pair,
        hardware,
        trace,
        static,
        measure_static(machine, test, seeds, static),
        measure_pilot(machine, test, seeds, "goodput"),
        {bound: measure_pilot(machine, test, seeds, bound) for bound in BOUNDS},
    )


def mapping_cell(
    pair: str, hardware: str, tokens: int, algorithm: str = "adaedl", trace: str = TRACES[0]
) -> MappingCell:
    """A pair on a reading; fixed systems see the prompts that ahasd-plus left for the run."""
    given = {"pair": pair, "hardware": hardware, "tokens": tokens, "algorithm": algorithm}
    plus = SpeculationRun(resolve(RunConfiguration.checked(system="ahasd-plus", trace=trace, **given)))
    rest = plus.resolved.trace
    fixed, refused = {}, {}
    for system in (*FIXED_SYSTEMS, CLAIRVOYANT):
        alone = {"system": "npu-pim-split", "algorithm": "none"} if system == SPLIT_ALONE else {}
        resolved = resolve(RunConfiguration.checked(**{**given, "system": system, "trace": trace, **alone}))
        try:
            fixed[system] = _figures(SpeculationRun(replace(resolved, trace=rest)))
        except AhasdError as error:
            if system == CLAIRVOYANT:
                raise
            refused[system] = str(error)
    chosen = plus.resolved.system
    runs = f"{chosen.schedule} on {chosen.target_device}"
    own = SYSTEMS.load("ahasd-plus").model_copy(update={"alternatives": ()})
    governed = SpeculationRun(replace(plus.resolved, system=own, algorithm=parse_algorithm(algorithm)))
    clairvoyant = fixed.pop(CLAIRVOYANT)
    memory = plus.resolved.preset.hardware.memory
    assert memory is not None, f"{hardware} is one of AHASD's readings, which all have memory with ranks"
    return MappingCell(
        pair,
        hardware,
        memory.ranks_per_channel,
        _figures(plus),
        runs,
        _figures(governed),
        clairvoyant,
        fixed,
        refused,
    )


def _figures(run: SpeculationRun) -> SpeedAndEnergy:
    result = run.result(search_break_even=False)
    return SpeedAndEnergy(result.tokens_per_second, result.joules_per_token)
