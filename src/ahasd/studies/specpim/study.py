"""The study: for each scenario the best machine and dataflow, what other searches find, and one machine for all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.search.constraint import Constraint
from ahasd.studies.parts import Part, figures_of, part_task
from ahasd.studies.specpim.costs import Figures, HostModel
from ahasd.studies.specpim.definition import Definition
from ahasd.studies.specpim.evaluator import OBJECTIVES, Bench, Evaluator, Tried, in_memory
from ahasd.studies.specpim.genetic import Effort, genetic_search
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.peers import exhaustive_search, optuna_search, random_search
from ahasd.studies.specpim.references import REFERENCES, reference_figures
from ahasd.studies.specpim.scenario import Scenario
from ahasd.studies.specpim.space import Architectures, Point, Space, Verification, full_space, reduced_space
from ahasd.studies.specpim.work import work_of


@dataclass(frozen=True, slots=True)
class Best:
    """What a search found; figures are None where nothing fits.

    Attributes
    ----------
    draft, target
        Units that compute in memory.
    evaluations
        Points that it asked for.
    """

    evaluations: int
    machine: Machine | None = None
    figures: Figures | None = None
    draft: tuple[str, ...] = ()
    target: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explored:
    """A scenario.

    Attributes
    ----------
    best, random
        The genetic search and chance, in the full space with as many evaluations. The genetic search begins with what
        it finds in the reduced space, and with `host` and `pim`.
    host, pim
        The genetic search where the target is verified by the host alone, by the memory alone.
    reduced
        Searches of the reduced space by name; the exhaustive one has its optimum.
    points
        Of the reduced space.
    front
        Of all that the genetic search tried: fastest to most frugal.
    references
        GPUs, then the two of memory alone; drafting as the scenario says, and without a draft.
    """

    best: Best
    random: Best
    host: Best
    pim: Best
    reduced: dict[str, Best]
    points: int
    front: tuple[Best, ...]
    references: tuple[Figures, ...]
    alone: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class OnMachine:
    """A scenario on a machine that is given: its dataflow alone is searched."""

    best: Best


@dataclass(frozen=True, slots=True)
class SpecpimStudy:
    """What the study found.

    Attributes
    ----------
    explored
        By scenario, in order.
    machine
        One for all scenarios: of the best ones of each, that with the least geometric mean of the objective.
    on_machine
        What each scenario comes to on it.
    """

    definition: Definition
    explored: Sequence[Explored]
    machine: Machine | None
    on_machine: Sequence[Best] = field(default_factory=list)


def study_specpim(definition: Definition, seed: int, running: Running) -> SpecpimStudy:
    """Explore every scenario, then look for one machine.

    Raises
    ------
    AhasdError
        No machine keeps the budgets (the message says which excludes all), a model does not fit a reference, Optuna
        is not installed, or as of :func:`ahasd.experiments.carry_out.carry_out`.
    """
    definition.architectures.machines()  # contradictory budgets are said here, not in a worker
    effort = asdict(definition.effort)
    rest = (asdict(definition.architectures), definition.objective, definition.host, effort, seed)
    parts: list[Part] = [(explore, (s.pair, asdict(s), *rest)) for s in definition.scenarios]
    explored = _computed(parts, Explored, running)
    machines = list(dict.fromkeys(one.best.machine for one in explored if one.best.machine is not None))
    parts = [
        (
            on_machine,
            (s.pair, asdict(s), asdict(machine), definition.objective, definition.host, effort, seed),
        )
        for machine in machines
        for s in definition.scenarios
    ]
    found = _computed(parts, OnMachine, running)
    count = len(definition.scenarios)
    by_machine = {
        machine: [one.best for one in found[place * count : (place + 1) * count]]
        for place, machine in enumerate(machines)
    }
    able = {machine: bests for machine, bests in by_machine.items() if all(best.figures for best in bests)}
    if not able:
        return SpecpimStudy(definition, explored, None)
    value = OBJECTIVES[definition.objective]

    def over_scenarios(machine: Machine) -> float:
        return geometric_mean([value(best.figures) for best in able[machine] if best.figures is not None])

    machine = min(able, key=over_scenarios)
    return SpecpimStudy(definition, explored, machine, able[machine])


def geometric_mean(values: Sequence[float]) -> float:
    """Of values above 0."""
    return float(np.exp(np.mean(np.log(values))))


def explore(
    _pair: str,
    scenario: dict[str, object],
    architectures: dict[str, object],
    objective: str,
    host: HostModel,
    effort: dict[str, int],
    seed: int,
) -> Explored:
    """Explore a scenario, in a worker."""
    of, asked = Scenario(**scenario), Effort(**effort)  # type: ignore[arg-type]
    machines = architectures_of(architectures).machines()
    units, bench = work_of(of).units, Bench(of, host)
    references = tuple(reference_figures(one, of, host) for one in REFERENCES)
    alone = tuple(reference_figures(one, of, host, False) for one in REFERENCES)

    def asking(space: Space) -> Evaluator:
        return Evaluator(space, bench, OBJECTIVES[objective])

    small = reduced_space(machines, units)
    reduced = {name: asking(small) for name in ("genetic", "random", "Optuna", "exhaustive")}
    genetic_search(reduced["genetic"], asked, seed)
    coarse = reduced["genetic"].best()
    starts = [] if coarse is None else [Point(coarse.point.machine, tuple(small.expanded(coarse.point)))]

    def genetic(verification: Verification, starts: Sequence[Point]) -> Evaluator:
        evaluator = asking(full_space(machines, units, verification))
        genetic_search(evaluator, asked, seed, [evaluator.space.admitted(start) for start in starts])
        return evaluator

    by_host, by_pim = genetic("host", starts), genetic("pim", starts)
    restricted = [one.point for one in (by_host.best(), by_pim.best()) if one is not None]
    found = genetic("both", [*starts, *restricted])
    drawn = asking(found.space)
    random_search(drawn, found.asked, seed)
    budget = min(reduced["genetic"].asked, OPTUNA_TRIALS)
    random_search(reduced["random"], reduced["genetic"].asked, seed)
    optuna_search(reduced["Optuna"], budget, seed)
    exhaustive_search(reduced["exhaustive"])
    return Explored(
        _best(found),
        _best(drawn),
        _best(by_host),
        _best(by_pim),
        {name: _best(evaluator) for name, evaluator in reduced.items()},
        small.points,
        tuple(_described(found, one) for one in found.front()),
        references,
        alone,
    )


#: Trials of Optuna at most: each takes it longer than the last (ours).
OPTUNA_TRIALS = 400


def on_machine(
    _pair: str,
    scenario: dict[str, object],
    machine: dict[str, object],
    objective: str,
    host: HostModel,
    effort: dict[str, int],
    seed: int,
) -> OnMachine:
    """Search a scenario's dataflow on a machine, in a worker."""
    of = Scenario(**scenario)  # type: ignore[arg-type]
    space = full_space((Machine(**machine),), work_of(of).units)  # type: ignore[arg-type]
    evaluator = Evaluator(space, Bench(of, host), OBJECTIVES[objective])
    genetic_search(evaluator, Effort(**effort), seed)
    return OnMachine(_best(evaluator))


def architectures_of(document: dict[str, object]) -> Architectures:
    """Back from what a task holds."""
    budgets = [Constraint(**one) for one in document["budgets"]]  # type: ignore[attr-defined]
    return Architectures(**{**document, "budgets": budgets})  # type: ignore[arg-type]


def _best(evaluator: Evaluator) -> Best:
    found = evaluator.best()
    return Best(evaluator.asked) if found is None else _described(evaluator, found)


def _described(evaluator: Evaluator, tried: Tried) -> Best:
    draft, target = (tuple(in_memory(evaluator.space, tried.point, model)) for model in ("draft", "target"))
    return Best(evaluator.asked, tried.point.machine, tried.figures, draft, target)


def _computed(parts: Sequence[Part], kind: type, running: Running) -> list[Any]:
    tasks = [part_task(part) for part in parts]
    rows = carry_out(tasks, running)
    return [figures_of(rows[task.key], kind) for task in tasks]
