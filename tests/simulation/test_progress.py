"""A task whose speed changes ends when its work is done, once."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.simulation.engine import Engine
from ahasd.simulation.progress import NEVER, Progress

SPEEDS = st.sampled_from([0.0, 0.001, 0.1, 0.25, 1 / 3, 0.5, 0.8, 1.0])
CHANGES = st.lists(st.tuples(st.integers(0, 40), SPEEDS), min_size=1, max_size=12)


def never() -> bool:
    return False


class Watched:
    """A progress whose speed changes at set times, and when it ended."""

    def __init__(self, work: int, changes: list[tuple[int, float]], cancel: int | None = None) -> None:
        self.engine = Engine()
        self.ends: list[int] = []
        self.progress = Progress(self.engine, work, lambda: self.ends.append(self.engine.now))
        for time, speed in changes:
            self.engine.at(time, lambda speed=speed: self.progress.go(speed))
        if cancel is not None:
            self.engine.at(cancel, self.progress.cancel)
        self.engine.run(never)


def test_undisturbed_it_takes_its_work() -> None:
    assert Watched(25, [(10, 1.0)]).ends == [35]


def test_a_slower_stretch_in_the_middle_costs_what_it_costs() -> None:
    """Ten at full speed, ten of forty at a quarter, the rest at full speed again."""
    assert Watched(50, [(0, 1.0), (10, 0.25), (50, 1.0)]).ends == [80]


def test_it_stands_still_and_goes_on() -> None:
    assert Watched(20, [(5, 1.0), (15, 0.0), (100, 1.0)]).ends == [110]


def test_it_never_ends_while_it_stands_still() -> None:
    watched = Watched(20, [(5, 1.0), (15, 0.0)])
    assert watched.ends == []
    assert watched.progress.end == NEVER
    assert watched.progress.left == 10
    assert watched.progress.share_done == 0.5


def test_an_end_that_moves_away_and_back_comes_once() -> None:
    """Ends at 100, then 180, then 120 as things are; appointments made before are void."""
    changes = [(0, 1.0), (20, 0.5), (40, 7 / 8), (60, 0.1), (100, 1.0)]
    left = 100 - 20 - 10 - 17.5 - 4
    assert Watched(100, changes).ends == [100 + round(left)]


def test_a_third_of_the_speed_takes_three_times_as_long() -> None:
    assert Watched(10, [(0, 1 / 3)]).ends == [30]


@pytest.mark.parametrize(("work", "speed"), [(20, 1.0), (3, 0.3), (7, 1 / 3)])
def test_an_end_that_has_come_is_not_put_off(work: int, speed: float) -> None:
    """Whatever slows the task down at that very picosecond, before the end had its turn."""
    (end,) = Watched(work, [(0, speed)]).ends
    for slower in (0.0, 0.001):
        assert Watched(work, [(0, speed), (end, slower)]).ends == [end]


def test_work_of_nothing_ends_when_it_is_let_go() -> None:
    assert Watched(0, [(3, 0.5)]).ends == [3]
    assert Watched(0, []).progress.share_done == 1.0


def test_of_two_ends_at_one_picosecond_the_more_urgent_comes_first() -> None:
    """Also if it was rearranged last."""
    engine, order = Engine(), []
    later = Progress(engine, 10, lambda: order.append(("later", engine.now)), priority=1)
    first = Progress(engine, 10, lambda: order.append(("first", engine.now)), priority=0)
    later.go(1.0)
    first.go(0.5)
    engine.at(4, lambda: first.go(8 / 6))
    engine.run(never)
    assert order == [("first", 10), ("later", 10)]


def test_what_was_cancelled_does_not_go_on() -> None:
    watched = Watched(20, [(0, 1.0), (15, 1.0), (16, 0.5)], cancel=10)
    assert watched.ends == []


def test_a_cancelled_task_keeps_what_is_done() -> None:
    watched = Watched(20, [(0, 0.5)], cancel=10)
    assert watched.progress.share_done == 0.25
    assert watched.progress.left == 15


def done(changes: list[tuple[int, float]], until: int) -> Fraction:
    """Sum of speed × time, exactly."""
    total, speed, since = Fraction(0), Fraction(0), 0
    for time, following in [*changes, (until, 0.0)]:
        total += speed * (min(time, until) - since) if since < until else 0
        speed, since = Fraction(following), time
    return total


@given(st.integers(1, 200), CHANGES)
def test_at_the_end_speed_times_time_is_the_work(work: int, gaps: list[tuple[int, float]]) -> None:
    changes: list[tuple[int, float]] = []
    for gap, speed in gaps:
        changes.append((changes[-1][0] + gap if changes else gap, speed))
    last, speed = changes[-1]
    watched = Watched(work, changes)
    if not watched.ends:
        assert speed == 0
        assert done(changes, last) < work + Fraction(1, 10**6)
        return
    (end,) = watched.ends
    # Half a picosecond at most at the speed at the end, which is at most 1.
    assert abs(done(changes, end) - work) <= Fraction(1, 2) + Fraction(1, 10**6)
    if end > 0:
        assert done(changes, end - 1) < work + Fraction(1, 10**6)
    assert watched.progress.left == 0


@given(st.integers(1, 200), CHANGES, st.integers(0, 300))
def test_a_cancelled_task_never_ends_later(work: int, gaps: list[tuple[int, float]], cancel: int) -> None:
    changes: list[tuple[int, float]] = []
    for gap, speed in gaps:
        changes.append((changes[-1][0] + gap if changes else gap, speed))
    undisturbed, cancelled = Watched(work, changes), Watched(work, changes, cancel)
    ended_before: list[Any] = [end for end in undisturbed.ends if end < cancel]
    assert [end for end in cancelled.ends if end < cancel] == ended_before
    assert [end for end in cancelled.ends if end > cancel] == []


def test_the_same_speed_again_changes_nothing() -> None:
    engine, ends = Engine(), []
    progress = Progress(engine, 10, lambda: ends.append(engine.now))
    progress.go(1 / 3)
    for time in range(1, 30):
        engine.at(time, lambda: progress.go(1 / 3))
    engine.run(never)
    assert ends == [30]


@pytest.mark.parametrize("speed", [0.3, 0.7, 1.0])
def test_many_small_changes_do_not_drift(speed: float) -> None:
    """A thousand changes to and fro end within a picosecond of the exact sum."""
    changes = [(10 * step, speed if step % 2 else speed / 2) for step in range(1000)]
    work = 3000
    (end,) = Watched(work, changes).ends
    assert abs(done(changes, end) - work) <= Fraction(1, 2) + Fraction(1, 10**6)


@pytest.mark.parametrize("work", [0, 1, 5])
def test_what_is_cancelled_in_the_picosecond_of_its_end_does_not_end(work: int) -> None:
    engine, ended = Engine(), []
    task = Progress(engine, work, lambda: ended.append(engine.now))
    engine.at(work, task.cancel)
    task.go(1.0)
    engine.run(lambda: False)
    assert ended == []


@pytest.mark.parametrize("work", [0, 1, 5])
def test_what_has_ended_does_not_end_again(work: int) -> None:
    engine, ended = Engine(), []
    task = Progress(engine, work, lambda: ended.append(engine.now))
    task.go(1.0)
    engine.at(work + 1, lambda: task.go(0.5))
    engine.at(work + 2, lambda: task.go(1.0))
    engine.run(lambda: False)
    assert ended == [work]
    assert task.share_done == 1.0
