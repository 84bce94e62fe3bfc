"""Running a sweep: what the store has not is run, and the store knows which points belong to it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.experiments.carry_out import Running, carry_out
from ahasd.experiments.executors.batch import Task
from ahasd.experiments.look_up import LookUp
from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.store.row import Labels, Row
from ahasd.experiments.store.store import Store
from ahasd.experiments.sweep.definition import Sweep, Values
from ahasd.experiments.sweep.point_task import point_task

#: Kind of the row that says which points a sweep has.
SWEEP = "sweep"

#: Kind of the row of a point that cannot be looked up.
POINT = "point"


@dataclass(frozen=True, slots=True)
class Planned:
    """A sweep, looked up.

    Attributes
    ----------
    keys
        Of each point, under which the store keeps it.
    tasks
        Those that can be run, by key; neighbours share step costs.
    refused
        Rows of the points that cannot.
    """

    points: Sequence[Values]
    keys: Sequence[str]
    tasks: Sequence[Task]
    refused: Sequence[Row]


def plan_points(sweep: Sweep, points: Sequence[Values], looking: LookUp) -> Planned:
    """Look the points of a sweep up; one that cannot run is refused alone.

    Raises
    ------
    UnknownNameError
        A name does not exist, in any of the points.
    """
    keys, found, refused = [], {}, {}
    for point in points:
        try:
            ordered = point_task(sweep.configured(point), looking)
        except UnknownNameError:
            raise
        except AhasdError as error:
            row = _refused(sweep, point, str(error))
            refused[row.key] = row
            keys.append(row.key)
        else:
            found[ordered.task.key] = ordered
            keys.append(ordered.task.key)
    tasks = sorted(found.values(), key=lambda one: (one.devices, one.task.machine))
    return Planned(points, keys, [one.task for one in tasks], list(refused.values()))


def run_sweep(sweep: Sweep, running: Running) -> dict[str, Row]:
    """Run what the store has not of a sweep.

    Returns
    -------
    dict of str to Row
        The rows of all points, by key.

    Raises
    ------
    AhasdError
        A name does not exist, no point can run, or as of :func:`ahasd.experiments.carry_out.carry_out`.
    """
    looking, store = LookUp(), running.store
    planned = plan_points(sweep, sweep.points, looking)
    if not planned.tasks:
        raise AhasdError(
            f"none of the {len(planned.keys)} points can run; the first: {planned.refused[0].document}"
        )
    _keep(sweep, planned, store)
    rows = carry_out(planned.tasks, running, looking.traces)
    return rows | {row.key: row for row in planned.refused}


def _keep(sweep: Sweep, planned: Planned, store: Store) -> None:
    """Write down which points the sweep has, as the newest of the store, and those that cannot run."""
    known = store.known([row.key for row in planned.refused])
    document = {"name": sweep.title, "points": planned.points, "keys": planned.keys}
    key = hashlib.sha256(f"{SWEEP} {sweep.title}".encode()).hexdigest()
    store.forget([key])
    row = Row(key, "done", json.dumps(document), Labels(SWEEP))
    store.add([row, *(row for row in planned.refused if row.key not in known)])


def _refused(sweep: Sweep, point: Values, reason: str) -> Row:
    text = json.dumps([MODEL_VERSION, sweep.base, point, reason], sort_keys=True, default=str)
    return Row(hashlib.sha256(f"{POINT} {text}".encode()).hexdigest(), "refused", reason, Labels(POINT))
