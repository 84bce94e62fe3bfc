"""What a schedule without queues leaves behind."""

from ahasd.simulation.outcome import Outcome
from ahasd.simulation.timeline import Task, Timeline


def test_a_schedule_without_queues_tells_of_none() -> None:
    first, second = (Outcome(5, Timeline[Task]()) for _ in range(2))
    assert first.queues == {}
    assert first.queues is not second.queues
