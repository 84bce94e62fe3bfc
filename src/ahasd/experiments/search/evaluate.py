"""What a point of a search comes to: the means of its figures over the seeds, kept in the store like all runs."""

import json
from dataclasses import dataclass
from statistics import fmean

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.executors.batch import Task
from ahasd.experiments.look_up import LookUp
from ahasd.experiments.search.constraint import Constraint
from ahasd.experiments.search.definition import Search
from ahasd.experiments.store.row import Row
from ahasd.experiments.sweep.definition import Values
from ahasd.experiments.sweep.effects import is_number
from ahasd.experiments.sweep.kept import KeptPoint
from ahasd.experiments.sweep.objective import check_figure
from ahasd.experiments.sweep.point_task import point_task
from ahasd.hardware.area import area_mm2
from ahasd.speculation.configuration import RunConfiguration
from ahasd.systems.simulate import configure

#: The figure of a machine that is no result's.
AREA = "area_mm2"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A point with its figures.

    Attributes
    ----------
    figures
        Objectives and constrained figures; empty where the point cannot run.
    reason
        Why it cannot, else None.
    """

    values: Values
    figures: dict[str, float]
    reason: str | None = None

    def excesses(self, search: Search) -> list[float]:
        """How far each constraint is exceeded; 0 or less where it is kept."""
        return [constraint.excess(self.figures[constraint.figure]) for constraint in search.constraints]

    def feasible(self, search: Search) -> bool:
        """Whether it runs and keeps all constraints."""
        return self.reason is None and all(excess <= 0 for excess in self.excesses(search))


class Evaluator:
    """Runs points, each once in the life of a store.

    Parameters
    ----------
    running
        Whose store keeps the runs; they are carried out by its means.
    """

    def __init__(self, search: Search, running: Running) -> None:
        self._search, self._running = search, running
        self._looking = LookUp()
        self._known: dict[str, Evaluated] = {}

    def of(self, values: Values) -> Evaluated:
        """Evaluate one point."""
        return self.of_all([values])[0]

    def of_all(self, points: list[Values]) -> list[Evaluated]:
        """Evaluate points together.

        Raises
        ------
        UnknownNameError
            A name does not exist, or results have no figure of an objective or a constraint.
        AhasdError
            Of the store or of who computes.
        """
        names = [json.dumps(values, sort_keys=True) for values in points]
        new = {name: values for name, values in zip(names, points, strict=True) if name not in self._known}
        planned = {name: self._plan(values) for name, values in new.items()}
        tasks = [task for plan in planned.values() if not isinstance(plan, str) for task in plan]
        rows = carry_out(tasks, self._running, self._looking.traces) if tasks else {}
        for name, plan in planned.items():
            found = plan if isinstance(plan, str) else [rows[task.key] for task in plan]
            self._known[name] = self._evaluated(new[name], found)
        return [self._known[name] for name in names]

    def _plan(self, values: Values) -> list[Task] | str:
        """A task for each seed, or why there is none."""
        configured = self._search.configured(values)
        try:
            return [
                point_task(configured | {"seed": seed}, self._looking).task
                for seed in range(self._search.seeds)
            ]
        except UnknownNameError:
            raise
        except AhasdError as error:
            return str(error)

    def _evaluated(self, values: Values, found: list[Row] | str) -> Evaluated:
        if isinstance(found, str):
            return Evaluated(values, {}, found)
        points = [KeptPoint(values, row.key, row) for row in found]
        reason = next((point.reason for point in points if point.reason is not None), None)
        if reason is not None:
            return Evaluated(values, {}, reason)
        per_seed = [point.figures() for point in points]
        figures: dict[str, float] = {}
        for name in self._search.figures:
            if name == AREA:
                try:
                    figures[name] = self._area(values)
                except AhasdError as error:
                    return Evaluated(values, {}, str(error))
                continue
            check_figure(
                name,
                {AREA, *(key for key, value in per_seed[0].items() if is_number(value) or value is None)},
            )
            of_seeds = [value for one in per_seed if is_number(value := one.get(name))]
            if len(of_seeds) < len(per_seed):
                return Evaluated(values, {}, f"{name} is not known of it")
            figures[name] = fmean(float(value) for value in of_seeds if value is not None)
        return Evaluated(values, figures)

    def _area(self, values: Values) -> float:
        _, configuration = configure(self._search.configured(values))
        if not isinstance(configuration, RunConfiguration):
            raise AhasdError(f"{AREA} is not known of system '{configuration.system}'")
        return area_mm2(self._looking.of(configuration).first.preset.hardware)


def nearest(constraint: Constraint, points: list[Evaluated]) -> float:
    """The value among points that comes nearest to keeping a constraint."""
    return min((point.figures[constraint.figure] for point in points), key=constraint.excess)
