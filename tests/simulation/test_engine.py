import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.simulation.engine import Engine, to_picoseconds


def never() -> bool:
    return False


def test_actions_run_by_time_then_priority_then_order():
    engine, log = Engine(), []
    for time, priority, name in [
        (5, 0, "d"),
        (1, 2, "c"),
        (1, 0, "a"),
        (1, 1, "b"),
        (1, 2, "c2"),
        (5, 0, "e"),
    ]:
        engine.at(time, lambda name=name: log.append(name), priority)
    engine.run(never)
    assert log == ["a", "b", "c", "c2", "d", "e"]
    assert engine.now == 5


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=30))
def test_the_order_is_that_of_a_stable_sort(entries):
    engine, log = Engine(), []
    for index, (time, priority) in enumerate(entries):
        engine.at(time, lambda index=index: log.append((engine.now, index)), priority)
    engine.run(never)
    order = sorted(range(len(entries)), key=lambda index: entries[index])
    assert log == [(entries[index][0], index) for index in order]


def test_actions_schedule_actions_at_the_same_time_and_later():
    engine, times = Engine(), []

    def again() -> None:
        times.append(engine.now)
        if len(times) < 4:
            engine.after(0 if len(times) == 1 else 3, again)

    engine.at(2, again)
    engine.run(never)
    assert times == [2, 2, 5, 8]


def test_the_run_stops_when_it_is_done_and_leaves_the_rest():
    engine, log = Engine(), []
    for time in range(5):
        engine.at(time, lambda time=time: log.append(time))
    engine.run(lambda: len(log) == 2)
    assert (log, engine.now) == ([0, 1], 1)


def test_the_past_cannot_be_changed():
    engine = Engine()
    engine.at(3, lambda: None)
    engine.run(never)
    with pytest.raises(ValueError, match="it is 3 ps"):
        engine.at(2, lambda: None)
    with pytest.raises(ValueError, match="cannot schedule"):
        engine.after(-1, lambda: None)


def test_picoseconds_are_rounded():
    assert to_picoseconds(1.4e-12) == 1
    assert to_picoseconds(0.254) == 254_000_000_000
