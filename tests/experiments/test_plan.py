"""How tasks are dealt out: each once, those of a machine together, in batches of about a second."""

from random import Random

import pytest

from ahasd.experiments.executors.batch import Batch, Figures, Finished, Task
from ahasd.experiments.plan import Plan
from ahasd.experiments.store.row import Labels, Row
from ahasd.experiments.store.store import Store


def nothing() -> Figures:
    return Figures("")


def tasks(sizes: list[int]) -> list[Task]:
    """Tasks of as many machines as there are sizes."""
    return [
        Task(f"{machine}-{number}", str(machine), nothing, (), Labels())
        for machine, size in enumerate(sizes)
        for number in range(size)
    ]


def deal(plan: Plan, workers: int, seconds: float) -> list[list[Batch]]:
    """What each of the workers gets that take so long for a task; the one that is done first gets the next."""
    batches = plan.batches()
    clock = [0.0] * workers
    given: list[list[Batch]] = [[] for _ in range(workers)]
    for worker in range(workers):
        batch = next(batches, None)
        if batch is not None:
            given[worker].append(batch)
            clock[worker] = len(batch.tasks) * seconds
    while True:
        busy = [worker for worker in range(workers) if given[worker] and clock[worker] < float("inf")]
        if not busy:
            return given
        worker = min(busy, key=lambda one: clock[one])
        last = given[worker][-1]
        rows = tuple(Row(task.key, "done", "", task.labels) for task in last.tasks)
        plan.done(Finished(last, rows, len(rows) * seconds, 1))
        batch = next(batches, None)
        if batch is None:
            clock[worker] = float("inf")
            continue
        given[worker].append(batch)
        clock[worker] += len(batch.tasks) * seconds


@pytest.mark.parametrize("seed", range(30))
def test_every_task_is_dealt_out_once(seed: int) -> None:
    random = Random(seed)
    every = tasks([random.randrange(1, 60) for _ in range(random.randrange(1, 12))])
    workers = random.randrange(1, 6)
    with Store() as store:
        given = deal(Plan(every, store, workers, 1.0), workers, random.choice((0.001, 0.05, 3.0)))
    dealt = [key for batches in given for batch in batches for key in batch.keys]
    assert sorted(dealt) == sorted(task.key for task in every)


def test_batches_take_about_what_is_asked_for_and_less_at_the_end() -> None:
    with Store() as store:
        given = deal(Plan(tasks([500] * 4), store, 2, 1.0), 2, 0.01)
    for batches in given:
        sizes = [len(batch.tasks) for batch in batches]
        assert sizes[0] == 1
        assert max(sizes) == 100
        assert sizes[len(sizes) // 3] == 100
        assert sizes[-1] < 10
    ends = [sum(len(batch.tasks) for batch in batches) for batches in given]
    assert abs(ends[0] - ends[1]) < 50


def test_long_tasks_are_dealt_out_one_by_one() -> None:
    with Store() as store:
        given = deal(Plan(tasks([5, 5]), store, 2, 1.0), 2, 10.0)
    assert all(len(batch.tasks) == 1 for batches in given for batch in batches)


def test_few_machines_are_costed_by_more_than_one_worker() -> None:
    machines, workers = 30, 3
    with Store() as store:
        given = deal(Plan(tasks([40] * machines), store, workers, 0.5), workers, 0.01)
    costed = sum(len({task.machine for batch in batches for task in batch.tasks}) for batches in given)
    assert costed <= machines + workers


def test_what_another_process_computes_is_left_to_it() -> None:
    every = tasks([4, 4])
    with Store() as store:
        store.add([Row("0-1", "done", "", Labels())])
        plan = Plan(every, store, 1, 1.0)
        (batches,) = deal(plan, 1, 0.01)
    assert plan.elsewhere == ["0-1"]
    assert sum(len(batch.tasks) for batch in batches) == 7
