"""Passes are timed in turn, and no longer than asked."""

from ahasd.prediction.probe.timing import MOST_ROUNDS, time_passes


class Clock:
    """A machine on which a pass takes what is said, and nothing else takes time."""

    def __init__(self, seconds: dict[int, float]) -> None:
        self.now, self.seconds, self.ran = 0.0, seconds, list[int]()

    def run(self, width: int) -> None:
        self.ran.append(width)
        self.now += self.seconds[width]

    def measure(self, seconds: float) -> dict[int, float]:
        return time_passes(self.run, list(self.seconds), seconds, clock=lambda: self.now)


def test_times_are_those_of_the_passes_and_taken_in_turn() -> None:
    clock = Clock({1: 0.25, 4: 0.5})
    assert clock.measure(1e9) == {1: 0.25, 4: 0.5}
    assert clock.ran == [1, 1, 4, 4] + [1, 4] * (MOST_ROUNDS - 1)


def test_the_time_is_bounded_and_the_widest_are_left_out() -> None:
    clock = Clock({1: 1.0, 2: 2.0, 64: 100.0})
    assert clock.measure(5.0) == {1: 1.0, 2: 2.0}
    assert clock.now < 5.0 + 2.0


def test_the_narrowest_is_timed_however_little_time_there_is() -> None:
    assert Clock({1: 3.0, 2: 3.0}).measure(0.1) == {1: 3.0}


def test_stalls_count_for_nothing() -> None:
    times = iter([1.0, 9.0, 1.0, 50.0, 9.0, 1.0])
    now = [0.0]

    def run(width: int) -> None:
        now[0] += next(times)

    assert time_passes(run, [1], 70, clock=lambda: now[0]) == {1: 1.0}
