"""Two sides that slow each other down while both run, worked by hand to the picosecond."""

from collections.abc import Callable
from typing import Any

import pytest

from ahasd.hardware.cost import NO_COST, StepCost
from ahasd.simulation.engine import Engine
from ahasd.speculation.asynchronous.contention import Contention, Running
from ahasd.speculation.model_step import ModelStep


class Stage:
    """A contention without schedule: passes and steps begin when a test says so."""

    def __init__(self, machine: Any) -> None:
        self.engine = Engine()
        self.contention = Contention(self.engine, machine)
        self.ends: list[tuple[str, int]] = []
        self.tasks: dict[str, ModelStep] = {}
        self.running: dict[str, Running] = {}

    def begin(
        self, time: int, track: str, name: str, work: int, follows: str | None = None, **options: Any
    ) -> None:
        priority = options.pop("priority", 2)  # after what ends at the time
        on_ranks = options.pop("on_target_ranks", follows is not None)

        def begin() -> None:
            cost = StepCost(seconds=work * 1e-12, energy_j=(100.0, *NO_COST.energy_j[1:]), **options)
            task = self.tasks[name] = ModelStep(track, name, time, time + work, cost, width=1, context=0)

            def ended() -> None:
                self.ends.append((name, self.engine.now))

            if track == "npu":
                self.running[name] = self.contention.start_pass(task, ended, 1)
            else:
                followed = self.running[follows] if follows is not None else None
                self.running[name] = self.contention.start_step(task, ended, on_ranks, followed)

        self.engine.at(time, begin, priority)

    def at(self, time: int, what: Callable[[], None]) -> None:
        self.engine.at(time, what)

    def run(self) -> list[tuple[str, int]]:
        self.engine.run(lambda: False)
        return self.ends


class Slower:
    """Set speeds while both run."""

    def __init__(self, stream: float, step: float = 1.0) -> None:
        self.speeds = stream, step

    def rates(self, stream: StepCost, pim: StepCost) -> tuple[float, float]:
        return self.speeds


@pytest.fixture
def stage(setting_of) -> Any:
    def stage(**options: Any) -> Stage:
        return Stage(setting_of(1, 1, **options).machine)

    return stage


# Speeds.


def test_each_alone_runs_undisturbed(stage):
    one = stage(channel=Slower(0.1, 0.1))
    one.begin(0, "npu", "pass", 100)
    one.begin(100, "pim", "step", 20)
    assert one.run() == [("pass", 100), ("step", 120)]
    assert one.tasks["pass"].blocked == one.tasks["step"].blocked == 0


def test_the_stream_is_slower_while_a_step_runs_and_as_fast_as_before_when_it_ends(stage):
    one = stage(channel=Slower(0.5))
    one.begin(0, "npu", "pass", 100)
    one.begin(10, "pim", "step", 20)
    assert one.run() == [("step", 30), ("pass", 110)]
    assert (one.tasks["pass"].end, one.tasks["pass"].blocked) == (110, 10)
    assert (one.tasks["step"].end, one.tasks["step"].blocked) == (30, 0)


def test_a_pass_that_begins_beside_a_step_is_slower_until_that_ends(stage):
    one = stage(channel=Slower(0.5))
    one.begin(0, "pim", "step", 30)
    one.begin(10, "npu", "pass", 25)
    assert one.run() == [("step", 30), ("pass", 45)]  # 20 ps at half speed, 15 ps alone


def test_a_step_that_outlasts_the_pass_gets_its_speed_back(stage):
    one = stage(channel=Slower(0.25, 0.5))
    one.begin(0, "pim", "step", 30)
    one.begin(10, "npu", "pass", 5)
    # 10 ps alone, 20 at half speed while the pass takes four times its 5, then the last 10.
    assert one.run() == [("pass", 30), ("step", 40)]
    assert (one.tasks["step"].blocked, one.tasks["pass"].blocked) == (10, 15)


def test_a_pass_inside_a_step_inside_nothing(stage):
    """The pass begins and ends while the step runs."""
    one = stage(channel=Slower(1 / 3))
    one.begin(0, "pim", "step", 100)
    one.begin(20, "npu", "pass", 10)
    assert one.run() == [("pass", 50), ("step", 100)]


def test_three_steps_one_after_the_other_each_slow_the_stream_as_they_do(stage):
    """Beside 10 ps with the bus for 5, 20 with it for 5 and 10 without: 3 + 15 + 10 ps done by 40, then 12."""
    one = stage()
    one.begin(0, "pim", "first", 10, data_seconds=5e-12)
    one.begin(4, "npu", "pass", 40)
    one.begin(10, "pim", "second", 20, data_seconds=5e-12)
    one.begin(30, "pim", "third", 10)
    assert one.run() == [("first", 10), ("second", 30), ("third", 40), ("pass", 52)]
    assert one.tasks["pass"].blocked == 8


def test_an_end_and_a_start_at_one_picosecond_leave_no_gap(stage):
    """A step that begins when another ends: the stream never gets a moment more."""
    one = stage(channel=Slower(0.5))
    one.begin(0, "npu", "pass", 30)
    for number in range(5):
        one.begin(10 * number, "pim", f"step {number}", 10)
    assert one.run()[-1] == ("pass", 55)


# Ranks.


def test_ranks_that_compute_do_not_stream(stage):
    one = stage()
    one.begin(0, "npu", "pass", 100)
    one.begin(10, "pim", "preverify", 20, on_target_ranks=True)
    assert one.run() == [("preverify", 30), ("pass", 120)]
    assert one.tasks["pass"].blocked == 20


def test_a_preverification_that_begins_as_the_pass_ends_does_not_hold_it_up(stage):
    """Steps come before passes within a picosecond, but nothing of the pass is left."""
    one = stage()
    one.begin(0, "npu", "pass", 100)
    one.begin(100, "pim", "preverify", 50, on_target_ranks=True, priority=0)
    assert one.run() == [("pass", 100), ("preverify", 150)]


def test_ideal_ranks_share_the_bus_only(stage):
    one = stage(ideal_rank_sharing=True, channel=Slower(0.5))
    one.begin(0, "npu", "pass", 100)
    one.begin(10, "pim", "preverify", 20, on_target_ranks=True)
    assert one.run() == [("preverify", 30), ("pass", 110)]


def test_interleaved_models_take_turns_operator_by_operator(stage):
    """Operators of 20 and of 5 ps: four fifths of the time for the pass, which takes 125; then the rest of 40."""
    one = stage(placement="interleaved", channel=Slower(0.001))
    one.begin(0, "npu", "pass", 100, operators=5)
    one.begin(0, "pim", "step", 40, operators=8)
    assert one.run() == [("pass", 125), ("step", 140)]
    assert one.tasks["pass"].blocked == 25
    assert one.tasks["step"].blocked == 100


def test_turns_lose_no_time(stage):
    """Whatever the operators, both together take as long as one after the other."""
    for of_pass, of_step in ((1, 1), (3, 50), (40, 2)):
        one = stage(placement="interleaved")
        one.begin(0, "npu", "pass", 300, operators=of_pass)
        one.begin(0, "pim", "step", 100, operators=of_step)
        assert abs(one.run()[-1][1] - 400) <= 1


def test_ideal_ranks_leave_interleaved_models_the_bus(stage):
    one = stage(placement="interleaved", ideal_rank_sharing=True, channel=Slower(0.5))
    one.begin(0, "npu", "pass", 100, operators=5)
    one.begin(0, "pim", "step", 40, operators=8)
    assert one.run() == [("step", 40), ("pass", 120)]


def test_a_preverification_does_not_take_turns_even_where_models_are_interleaved(stage):
    one = stage(placement="interleaved")
    one.begin(0, "npu", "pass", 100, operators=5)
    one.begin(10, "pim", "preverify", 20, on_target_ranks=True, operators=8)
    assert one.run() == [("preverify", 30), ("pass", 120)]


# Following.


@pytest.mark.parametrize(
    ("begin", "step", "layers"), [(50, 20, 5), (50, 200, 5), (0, 100, 4), (99, 40, 40), (30, 60, 2)]
)
def test_on_real_ranks_pass_and_follower_share_the_time(stage, begin, step, layers):
    """However they take turns: the rest of the pass and all but a layer of the follower; then that layer."""
    one = stage(layers=layers)
    one.begin(0, "npu", "pass", 100)
    one.begin(begin, "pim", "follower", step, follows="pass")
    (first, passed), (second, ended) = one.run()
    assert (first, second) == ("pass", "follower")
    assert passed == pytest.approx(100 + step * (1 - 1 / layers), abs=1)
    assert ended == pytest.approx(100 + step, abs=1)


def test_a_follower_catches_up_then_stays_one_layer_behind(stage):
    """On real ranks the stream stands still for 8 of the first half's 0.8 · 20 ps: 58; then 50 + 8 together."""
    one = stage(layers=5)
    one.begin(0, "npu", "pass", 100)
    one.begin(50, "pim", "follower", 20, follows="pass")
    shares = {}
    for time in (54, 58, 87, 115):
        one.at(
            time,
            lambda time=time: shares.update({time: [r.progress.share_done for r in one.running.values()]}),
        )
    assert one.run() == [("pass", 116), ("follower", 120)]
    expected = {54: [0.5, 0.2], 58: [0.5, 0.4], 87: [0.75, 0.6], 115: [1 - 1 / 116, 0.8]}
    for time, share in expected.items():
        assert shares[time] == pytest.approx(share, abs=0.01), time


def test_on_ideal_ranks_a_fast_follower_ends_a_layer_after_the_pass(stage):
    one = stage(layers=5, ideal_rank_sharing=True)
    one.begin(0, "npu", "pass", 100)
    one.begin(50, "pim", "follower", 20, follows="pass")
    assert one.run() == [("pass", 100), ("follower", 104)]
    assert one.tasks["pass"].blocked == 0
    assert one.tasks["follower"].blocked == 34


def test_on_ideal_ranks_a_slow_follower_never_catches_up_and_never_waits(stage):
    one = stage(layers=5, ideal_rank_sharing=True)
    one.begin(0, "npu", "pass", 100)
    one.begin(50, "pim", "follower", 200, follows="pass")
    assert one.run() == [("pass", 100), ("follower", 250)]
    assert one.tasks["follower"].blocked == 0


def test_a_follower_on_a_slower_bus_holds_the_pass_up_while_both_run(stage):
    """Half speed for the stream from 50 on: 200 - 50 = 150 ps in all; the follower's last fifth after it."""
    one = stage(layers=5, ideal_rank_sharing=True, channel=Slower(0.5))
    one.begin(0, "npu", "pass", 100)
    one.begin(50, "pim", "follower", 20, follows="pass")
    (_, passed), (_, ended) = one.run()
    assert passed == 150
    assert ended == pytest.approx(154, abs=1)


def test_a_model_of_one_layer_is_followed_when_the_pass_has_ended(stage):
    one = stage(layers=1, ideal_rank_sharing=True)
    one.begin(0, "npu", "pass", 100)
    one.begin(50, "pim", "follower", 20, follows="pass")
    assert one.run() == [("pass", 100), ("follower", 120)]


def test_a_follower_whose_layers_take_less_than_a_picosecond_ends_no_sooner_than_the_pass(stage):
    for ideal in (False, True):
        one = stage(layers=40, ideal_rank_sharing=ideal)
        one.begin(0, "npu", "pass", 100)
        one.begin(50, "pim", "follower", 3, follows="pass")
        ends = one.run()
        assert [name for name, _ in ends] == ["pass", "follower"]
        assert ends[1][1] - ends[0][1] <= 1


def test_a_follower_of_a_pass_that_has_ended_goes_on_undisturbed(stage):
    one = stage(layers=5)
    one.begin(0, "npu", "pass", 40)
    one.begin(50, "pim", "follower", 20, follows="pass")
    assert one.run() == [("pass", 40), ("follower", 70)]


# Cut off.


def test_a_pass_that_is_stopped_counts_as_far_as_it_got(stage):
    """At 40 it has done 20 ps and, at half speed, 10; a step beside it then has its speed back."""
    one = stage(channel=Slower(0.5, 0.5))
    one.begin(0, "npu", "pass", 100)
    one.begin(20, "pim", "step", 30)
    one.at(40, one.contention.abort_pass)
    assert one.run() == [("step", 60)]
    task = one.tasks["pass"]
    assert (task.end, task.blocked) == (40, 10)
    assert task.done == pytest.approx(0.3)
    assert task.share_until(40) == pytest.approx(0.3)
    assert task.share_until(20) == pytest.approx(0.15)  # spread evenly over the time it took
    assert task.share_until(0) == 0


def test_a_pass_that_stood_still_when_it_was_stopped_has_done_nothing(stage):
    one = stage()
    one.begin(0, "pim", "preverify", 30, on_target_ranks=True)
    one.begin(0, "npu", "pass", 100)
    one.at(20, one.contention.abort_pass)
    assert one.run() == [("preverify", 30)]
    assert one.tasks["pass"].done == 0
    assert one.tasks["pass"].blocked == 20


def test_the_next_pass_after_a_stopped_one_has_its_own_end(stage):
    one = stage()
    one.begin(0, "npu", "stopped", 100)
    one.at(10, one.contention.abort_pass)
    one.begin(10, "npu", "next", 100)
    assert one.run() == [("next", 110)]


def test_the_end_of_the_run_cuts_off_what_is_under_way(stage):
    one = stage(channel=Slower(0.5))
    one.begin(0, "npu", "pass", 100)
    one.begin(10, "pim", "step", 40)
    one.at(30, one.contention.close)
    one.engine.run(lambda: one.engine.now >= 30 and one.tasks["pass"].end == 30)
    assert (one.tasks["pass"].done, one.tasks["pass"].blocked) == (pytest.approx(0.2), 10)
    assert (one.tasks["step"].done, one.tasks["step"].end) == (0.5, 30)
