"""What the genetic search is held against: chance, Optuna, and every point."""

from dataclasses import fields
from typing import Any

import numpy as np

from ahasd.errors import AhasdError
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.studies.specpim.dataflow import Gene
from ahasd.studies.specpim.evaluator import Evaluator
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.space import Point, Space

#: Points of an exhaustive search at most (ours: some seconds).
MOST_POINTS = 200_000

#: Above every value, also of what does not fit.
BEYOND = 1e30


def random_search(evaluator: Evaluator, budget: int, seed: int) -> None:
    """Draw so many points, after the starts; half of them plain ones, as the genetic search begins."""
    space, rng = evaluator.space, np.random.default_rng(seed)
    for point in space.starts()[:budget]:
        evaluator.value(point)
    while evaluator.asked < budget:
        evaluator.value(space.plain(rng) if evaluator.asked % 2 else space.random(rng))


def optuna_search(evaluator: Evaluator, budget: int, seed: int) -> None:
    """Let Optuna's TPE propose so many points of a reduced space, the starts first.

    It proposes the fields of a machine; one beyond the budgets counts as a proposal, and as worse than all others.

    Raises
    ------
    AhasdError
        It is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise AhasdError(
            f"the comparison with Optuna needs {error.name}: pip install 'ahasd[explore]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = evaluator.space
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for start in space.starts():
        study.enqueue_trial(_parameters(space, start), skip_if_exists=True)

    machines = set(space.machines)

    def objective(trial: optuna.Trial) -> float:
        values: dict[str, Any] = {
            name: trial.suggest_categorical(name, values) for name, values in _machine_fields(space).items()
        }
        sides = [
            trial.suggest_categorical(f"side {group}", [side.value for side in space.sides(group)])
            for group in range(len(space.groups))
        ]
        machine = Machine(**values)
        if machine not in machines:
            return BEYOND
        return evaluator.value(Point(machine, tuple(Gene(Side(side)) for side in sides)))

    study.optimize(objective, n_trials=budget)


def exhaustive_search(evaluator: Evaluator) -> None:
    """Try every point.

    Raises
    ------
    AhasdError
        There are too many.
    """
    count = evaluator.space.points
    if count > MOST_POINTS:
        raise AhasdError(
            f"the space has {count} points, and at most {MOST_POINTS} are all tried: take fewer machines"
        )
    for point in evaluator.space.every():
        evaluator.value(point)


def _machine_fields(space: Space) -> dict[str, list[Any]]:
    names = [field.name for field in fields(Machine)]
    return {name: list(dict.fromkeys(getattr(machine, name) for machine in space.machines)) for name in names}


def _parameters(space: Space, point: Point) -> dict[str, object]:
    of_machine = {name: getattr(point.machine, name) for name in _machine_fields(space)}
    return {**of_machine, **{f"side {group}": gene.side.value for group, gene in enumerate(point.genes)}}
