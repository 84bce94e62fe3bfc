"""Speed and energy of the machine that a search finds, over those of a reference."""

from dataclasses import dataclass, replace
from functools import cache

from ahasd.claims.measuring.known_runs import Asked, KnownRuns
from ahasd.claims.measuring.value import Draws, drawn
from ahasd.claims.specpim.condition import SpecpimCondition
from ahasd.errors import AhasdError
from ahasd.experiments.search.constraint import Constraint
from ahasd.studies.specpim.costs import Figures, HostModel
from ahasd.studies.specpim.evaluator import OBJECTIVES, Bench, Evaluator, by_speed
from ahasd.studies.specpim.genetic import Effort, genetic_search
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.peers import exhaustive_search
from ahasd.studies.specpim.references import GPU, PIM_ONLY, reference_figures
from ahasd.studies.specpim.scenario import Scenario
from ahasd.studies.specpim.space import Architectures, Point, full_space, reduced_space
from ahasd.studies.specpim.study import geometric_mean
from ahasd.studies.specpim.work import work_of

#: Ours, for want of SpecPIM's: two pairs that fit on every reference in FP16, drafts of 8 as in AHASD's evaluation,
#: one text.
SCENARIOS = tuple(Scenario(pair, 8, 0.8, 512, 1) for pair in ("opt-1.3b:opt-6.7b", "llama2-7b:llama2-13b"))

#: Of the study's space the fastest clocks, under its budgets (studies/specpim.yaml); and an effort of seconds.
_ARCHITECTURES = Architectures(
    units_per_bank=(0.25, 0.5, 1.0),
    pim_clock=(1.0,),
    host_clock=(1.0,),
    budgets=(
        Constraint("area_mm2", most=2020.0),
        Constraint("power_w", most=800.0),
        Constraint("stack_area_mm2", most=183.0),
    ),
)
_EFFORT = Effort(60, 12, 20)


@cache
def _reduced(scenario: Scenario, host: HostModel) -> Evaluator:
    """Every point of the reduced space."""
    space = reduced_space(_ARCHITECTURES.machines(), work_of(scenario).units)
    evaluator = Evaluator(space, Bench(scenario, host), by_speed)
    exhaustive_search(evaluator)
    return evaluator


@cache
def found_figures(scenario: Scenario, objective: str, host: HostModel) -> Figures:
    """Figures of the best machine and dataflow of a scenario: the optimum of the reduced space, refined genetically.

    Raises
    ------
    AhasdError
        Nothing fits.
    """
    value, reduced = OBJECTIVES[objective], _reduced(scenario, host)
    coarse = reduced.best(value)
    if coarse is None:
        raise AhasdError(f"no machine holds {scenario.text}")
    start = Point(coarse.point.machine, tuple(reduced.space.expanded(coarse.point)))
    space = full_space(_ARCHITECTURES.machines(), work_of(scenario).units)
    evaluator = Evaluator(space, Bench(scenario, host), value)
    genetic_search(evaluator, _EFFORT, 0, [start])
    best = evaluator.best()
    assert best is not None, "the start fits"
    return best.figures


@dataclass(frozen=True, slots=True)
class OverReference:
    """Geometric mean over the scenarios.

    Attributes
    ----------
    energy
        Whether tokens per joule are compared; tokens per second otherwise.
    pim
        Whether the reference is memory alone; GPUs otherwise.
    """

    energy: bool
    pim: bool

    def configurations(self, condition: SpecpimCondition) -> list[Asked]:
        """None: nothing is simulated."""
        return []

    def draws(self, known_runs: KnownRuns, condition: SpecpimCondition) -> Draws:
        """See `Measurement`; the search has one seed."""
        reference = (
            next(one for one in PIM_ONLY if _memory(one.machine) == condition.memory) if self.pim else GPU
        )
        ratios = []
        for one in SCENARIOS:
            scenario = replace(one, batch=condition.batch)
            ours = found_figures(scenario, condition.objective, condition.host)
            theirs = reference_figures(reference, scenario, condition.host, condition.drafts)
            ratios.append(self._figure(theirs) / self._figure(ours))
        return drawn((geometric_mean(ratios),))

    def _figure(self, figures: Figures) -> float:
        return figures.joules_per_token if self.energy else figures.seconds_per_token


def _memory(machine: Machine | None) -> str:
    return machine.memory if machine is not None else ""
