import pytest

from ahasd.hardware.components import DYNAMIC_COMPONENTS
from ahasd.hardware.cost import StepCost
from ahasd.simulation.timeline import Task, Timeline, energy_of


def task(start: int, end: int, track: str = "npu", joules: float = 1.0, blocked: int = 0) -> Task:
    energy = (joules, *[0.0] * (len(DYNAMIC_COMPONENTS) - 1))
    return Task(track, "work", start, end, StepCost(energy_j=energy), blocked)


def test_a_task_that_the_end_cuts_counts_in_part():
    whole = task(10, 30)
    assert [whole.share_until(end) for end in (5, 10, 15, 30, 99)] == [0, 0, 0.25, 1, 1]


def test_a_task_that_takes_no_time_counts_from_its_moment_on():
    moment = task(10, 10)
    assert [moment.share_until(end) for end in (10, 11)] == [1, 1]


def test_of_a_task_that_was_cut_off_the_end_counts_what_was_done():
    cut_off = task(10, 30)
    cut_off.done = 0.5
    assert [cut_off.share_until(end) for end in (10, 20, 30, 31)] == [0, 0.25, 0.5, 0.5]


def test_shares_by_hand():
    timeline = Timeline()
    timeline.add(task(0, 40, blocked=10))
    timeline.add(task(60, 100, blocked=30))  # 20 ps of it before the end, all of them blocked
    timeline.add(task(0, 80, track="pim"))
    timeline.waited("npu", 15)
    timeline.worked("npu", 5)
    assert timeline.busy_and_blocked("npu", 80) == (35, 45)
    assert timeline.busy_and_blocked("pim", 80) == (80, 0)


def test_busy_and_blocked_never_exceed_the_time():
    timeline = Timeline()
    timeline.add(task(0, 50))
    timeline.worked("npu", 70)
    timeline.waited("npu", 70)
    assert timeline.busy_and_blocked("npu", 100) == (100, 0)


def test_energy_is_that_of_the_tasks_until_the_end():
    timeline = Timeline()
    for index in range(6):
        timeline.add(task(0, 10, joules=2.0**index))
    timeline.add(task(10, 20, joules=4096.0))
    assert timeline.energy(20)["npu_compute"] == 63 + 4096
    assert timeline.energy(15)["npu_compute"] == 63 + 2048
    assert energy_of(timeline.tasks[1:3], 15)["npu_compute"] == 2 + 4
    assert set(timeline.energy(1)) == set(DYNAMIC_COMPONENTS)
    assert timeline.energy(0)["npu_compute"] == pytest.approx(0)


def test_what_starts_at_the_end_or_later_is_forgotten():
    timeline = Timeline()
    first = timeline.add(task(0, 10))
    timeline.add(task(10, 20))
    timeline.cut(10)
    assert timeline.tasks == [first]
