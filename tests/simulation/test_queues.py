import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.simulation.queues import BoundedQueue, QueueCapacities


def test_first_in_first_out_with_peek():
    queue = BoundedQueue[str]("drafts", 3)
    for entry in "abc":
        queue.push(entry, 0)
    assert list(queue) == ["a", "b", "c"]
    assert queue.peek() == "a"
    assert [queue.pop(1) for _ in range(3)] == ["a", "b", "c"]
    assert len(queue) == 0


def test_statistics_by_hand():
    queue = BoundedQueue[str]("drafts", 2)
    queue.push("a", 100)  # 0 entries for 100 ps
    queue.push("b", 300)  # 1 entry for 200 ps
    queue.pop(350)  # 2 entries (full) for 50 ps
    queue.push("c", 600)  # 1 entry for 250 ps
    assert [queue.pop(700), queue.pop(700)] == ["b", "c"]  # 2 entries (full) for 100 ps
    statistics = queue.statistics(1000)  # 0 entries for 300 ps
    # (200·1 + 50·2 + 250·1 + 100·2) / 1000 = 750 / 1000; full for 150 ps
    assert statistics.mean == pytest.approx(0.75)
    assert statistics.maximum == 2
    assert statistics.full_s == pytest.approx(150e-12)


def test_statistics_count_what_is_still_queued_at_the_end_and_can_be_asked_again():
    queue = BoundedQueue[int]("drafts", 1)
    queue.push(1, 500)
    for _ in range(2):
        statistics = queue.statistics(1000)
        assert statistics.mean == pytest.approx(0.5)
        assert statistics.full_s == pytest.approx(500e-12)


def test_a_producer_that_stands_before_a_full_queue_is_counted_once_per_entry():
    queue = BoundedQueue[str]("drafts", 1)
    with pytest.raises(RuntimeError, match="room for 1 more"):
        queue.refused()
    queue.push("a", 0)
    queue.refused()
    queue.refused()  # a second look at the same full queue
    queue.pop(10)
    queue.push("b", 10)
    queue.refused()
    queue.pop(20)
    queue.push("c", 20)
    assert queue.statistics(30).blocked_pushes == 2


def test_an_empty_run_has_no_occupancy():
    assert BoundedQueue[int]("drafts", 1).statistics(0).mean == 0.0


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_capacity_that_holds_nothing_is_refused(capacity):
    with pytest.raises(AhasdError, match=f"'feedback' has a capacity of {capacity}"):
        BoundedQueue[int]("feedback", capacity)


def test_misuse_is_a_programming_error():
    queue = BoundedQueue[int]("drafts", 1)
    with pytest.raises(IndexError):
        queue.pop(0)
    with pytest.raises(IndexError):
        queue.peek()
    queue.push(1, 10)
    assert queue.full
    with pytest.raises(RuntimeError, match="full"):
        queue.push(2, 20)
    with pytest.raises(ValueError, match="before"):
        queue.pop(5)
    assert list(queue) == [1]


def test_default_capacities_are_those_of_the_repository():
    assert QueueCapacities().model_dump() == {"unverified_drafts": 64, "feedback": 32, "preverification": 16}
    with pytest.raises(ValidationError):
        QueueCapacities(feedback=0)


@given(
    capacity=st.integers(1, 4),
    actions=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["push", "pop", "drop"])), max_size=40),
    tail=st.integers(0, 5),
)
def test_statistics_equal_a_count_picosecond_by_picosecond(capacity, actions, tail):
    queue = BoundedQueue[int]("drafts", capacity)
    model: list[int] = []
    occupancy: list[int] = []  # one number per picosecond
    maximum = 0
    for step, (delay, action) in enumerate(actions):
        occupancy += [len(model)] * delay
        now = len(occupancy)
        if action == "push" and len(model) < capacity:
            assert not queue.full
            queue.push(step, now)
            model.append(step)
        elif action == "pop" and model:
            assert queue.pop(now) == model.pop(0)
        elif action == "drop":
            assert [queue.pop(now) for _ in model] == model
            model = []
        maximum = max(maximum, len(model))
        assert list(queue) == model
    occupancy += [len(model)] * tail
    statistics = queue.statistics(len(occupancy))
    assert statistics.mean * len(occupancy) == pytest.approx(sum(occupancy))
    assert statistics.maximum == maximum
    assert statistics.full_s == pytest.approx(sum(n == capacity for n in occupancy) * 1e-12)
