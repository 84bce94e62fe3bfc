"""The search: points are proposed by Optuna, by chance or in turn, and evaluated on one store."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ahasd.errors import AhasdError
from ahasd.experiments.carry_out import Running, unheard
from ahasd.experiments.executors.choose import Means
from ahasd.experiments.search.definition import Method, Search
from ahasd.experiments.search.evaluate import Evaluated, Evaluator
from ahasd.experiments.search.outcome import Found
from ahasd.experiments.search.starts import starting_points
from ahasd.experiments.store.store import Store
from ahasd.experiments.sweep.axis import Axis, Span
from ahasd.experiments.sweep.definition import Values

if TYPE_CHECKING:
    import optuna

#: Points of a generation of NSGA-II, where the budget has room for ten of them (ours; Optuna's own is 50).
POPULATION = 50

#: User attribute of a trial that holds its point.
_POINT = "point"


@dataclass(frozen=True, slots=True)
class Effort:
    """How a search goes about.

    Attributes
    ----------
    budget
        Proposals.
    seed
        Of all that chance decides. One process proposes the same points every time; of several, which take turns as
        they are free, that does not hold.
    """

    method: Method = Method.NSGA2
    budget: int = 200
    seed: int = 0


def search_space(search: Search, effort: Effort, running: Running) -> Found:
    """Search, with one process or several.

    A search that was cut off is repeated: what it had run is in the store, so that this takes no time.

    Raises
    ------
    AhasdError
        A name does not exist, Optuna is not installed, or as of :func:`ahasd.experiments.carry_out.carry_out`.
    """
    if effort.method is Method.EXHAUSTIVE:
        return _exhaustive(search, effort, running)
    _require_optuna()
    if running.means.workers > 1:
        return _together(search, effort, running)
    alone = replace(running, progress=unheard)
    evaluator = Evaluator(search, alone)
    study = _study(search, effort, None, "search", effort.seed)
    _begin(study, search)
    tried: dict[str, Evaluated] = {}
    for number in range(effort.budget):
        evaluated = _trial(study, search, evaluator)
        tried.setdefault(json.dumps(evaluated.values, sort_keys=True), evaluated)
        running.progress(number + 1, effort.budget)
    return Found(search, list(tried.values()), effort.budget)


def all_points(search: Search) -> Iterator[Values]:
    """Every point of a space without ranges of fractions."""
    values = [
        axis.values if isinstance(axis, Axis) else range(int(axis.low), int(axis.high) + 1)
        for axis in search.axes
    ]
    return (dict(zip([axis.name for axis in search.axes], point, strict=True)) for point in product(*values))


def _exhaustive(search: Search, effort: Effort, running: Running) -> Found:
    if search.points is None:
        raise AhasdError(
            "an exhaustive search needs lists of values: a range of fractions has no end of them"
        )
    if search.points > effort.budget:
        raise AhasdError(
            f"the space has {search.points} points and the budget is {effort.budget}: raise --budget"
        )
    return Found(search, Evaluator(search, running).of_all(list(all_points(search))), search.points)


def _trial(study: "optuna.Study", search: Search, evaluator: Evaluator) -> Evaluated:
    """Ask for a point, run it, and tell what it came to."""
    from optuna.trial import TrialState

    trial = study.ask()
    values = {axis.name: _suggested(trial, axis) for axis in search.axes}
    evaluated = evaluator.of(values)
    trial.set_user_attr(_POINT, json.dumps(values))
    if evaluated.reason is not None:
        study.tell(trial, state=TrialState.FAIL)
        return evaluated
    for constraint, excess in zip(search.constraints, evaluated.excesses(search), strict=True):
        trial.set_constraint(constraint.text, excess)
    study.tell(trial, [evaluated.figures[objective.figure] for objective in search.objectives])
    return evaluated


def _suggested(trial: "optuna.Trial", axis: Axis | Span) -> Any:
    if isinstance(axis, Axis):
        return trial.suggest_categorical(axis.name, list(axis.values))
    if axis.whole:
        return trial.suggest_int(axis.name, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(axis.name, axis.low, axis.high, log=axis.log)


def _begin(study: "optuna.Study", search: Search) -> None:
    for point in starting_points(search):
        study.enqueue_trial(point, skip_if_exists=True)


def _study(search: Search, effort: Effort, journal: Path | None, name: str, seed: int) -> "optuna.Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    population = max(4, min(POPULATION, effort.budget // 10))
    samplers: dict[Method, Callable[[], optuna.samplers.BaseSampler]] = {
        Method.NSGA2: lambda: optuna.samplers.NSGAIISampler(seed=seed, population_size=population),
        Method.TPE: lambda: optuna.samplers.TPESampler(seed=seed),
        Method.RANDOM: lambda: optuna.samplers.RandomSampler(seed=seed),
    }
    storage = None
    if journal is not None:
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        storage = JournalStorage(JournalFileBackend(str(journal)))
    return optuna.create_study(
        storage=storage,
        sampler=samplers[effort.method](),
        study_name=name,
        directions=["maximize" if objective.largest else "minimize" for objective in search.objectives],
        load_if_exists=True,
    )


def _together(search: Search, effort: Effort, running: Running) -> Found:
    """Several processes on one journal of Optuna's beside the store; what they ran the store has."""
    path = running.store.path
    if path is None:
        raise AhasdError("several processes search on a store in a file; give one with --store")
    alone = replace(running, means=Means(), progress=unheard)
    Evaluator(search, alone).of_all(
        starting_points(search)[:1]
    )  # wrong names are said here, not in a process
    name = f"{search.digest}-{effort.method}-{effort.seed}"
    journal = path.with_name(f"{path.name}.{name}.journal")
    study = _study(search, effort, journal, name, effort.seed)
    if not study.trials:
        _begin(study, search)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_work, args=(search, effort, path, journal, name, worker), daemon=True)
        for worker in range(running.means.workers)
    ]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes):
            next(process for process in processes if process.is_alive()).join(0.5)
            running.progress(min(_ended(study), effort.budget), effort.budget)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    if _ended(study) < effort.budget:
        raise AhasdError(
            f"the processes of the search have ended after {_ended(study)} of {effort.budget} points; what they ran "
            "is kept: the same command goes on, and --workers 1 shows what is wrong"
        )
    points = [json.loads(trial.user_attrs[_POINT]) for trial in study.trials if _POINT in trial.user_attrs]
    evaluated = Evaluator(search, alone).of_all(points)
    tried = {json.dumps(one.values, sort_keys=True): one for one in evaluated}
    return Found(search, list(tried.values()), len(points))


def _work(search: Search, effort: Effort, path: Path, journal: Path, name: str, worker: int) -> None:
    """What each process does: go on until all of them together have tried enough."""
    study = _study(search, effort, journal, name, effort.seed + 1000 * (worker + 1))
    with Store(path) as store:
        evaluator = Evaluator(search, Running(store))
        while _ended(study) < effort.budget:
            _trial(study, search, evaluator)


def _ended(study: "optuna.Study") -> int:
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def _require_optuna() -> None:
    try:
        import optuna  # noqa: F401
    except ModuleNotFoundError as error:
        raise AhasdError(
            f"searching needs a package that is not installed ({error.name}): pip install 'ahasd[explore]', or use "
            "--method exhaustive"
        ) from error
