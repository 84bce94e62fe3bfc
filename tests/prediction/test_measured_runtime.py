"""Measured step times in the simulator's schedules: closed forms."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.prediction.break_even import find_break_even
from ahasd.prediction.concurrent_steps import ConcurrentSteps
from ahasd.prediction.measured_runtime import MeasuredRuntime
from ahasd.prediction.predict import forecast, seconds_alone
from ahasd.prediction.step_times import StepTimes
from ahasd.speculation.drafting.specification import parse_algorithm
from ahasd.traces.rollout.rollout import RolloutTrace

from ..hand_made import hand_made_trace

DRAFT, CATCH_UP, TARGET = 0.010, 0.012, 0.066
ROUND, HEAD = 0.001, 0.002


def trace(accepted: bool | np.ndarray, rows: int = 120, prompts: int = 3) -> RolloutTrace:
    return hand_made_trace(
        np.broadcast_to(np.asarray(accepted), (rows, 16)),
        np.linspace(0, rows, prompts + 1).astype(np.int32),
        "greedy",
        entropy=0.0,
        draft_probability=0.0,
        predicted_acceptance=1.0,
    )


def runtime(draft: float = DRAFT, target: float = TARGET, message: float = 0.0) -> MeasuredRuntime:
    alone = StepTimes({1: draft, 2: CATCH_UP}, {1: target, 17: target}, HEAD, ROUND, 64)
    return MeasuredRuntime(alone, ConcurrentSteps({1: draft, 2: draft}, {1: target, 17: target}, message))


def seconds(method: str, algorithm: str | None, accepted: bool, tokens: int, **times: float) -> float:
    spec = None if algorithm is None else parse_algorithm(algorithm)
    return runtime(**times).run(method, spec, trace(accepted), tokens).end * 1e-12  # type: ignore[arg-type]


def test_the_target_alone_takes_a_pass_and_its_handling_per_token() -> None:
    assert seconds("autoregressive", None, True, 50) == pytest.approx(50 * (TARGET + ROUND))


def test_by_turns_with_everything_accepted() -> None:
    # Ten rounds of four drafts and a token of the target's own; all but the first catch up.
    expected = 10 * (3 * DRAFT + TARGET + ROUND) + DRAFT + 9 * CATCH_UP
    assert seconds("speculative", "fixed:4", True, 50) == pytest.approx(expected)


def test_by_turns_with_nothing_accepted() -> None:
    assert seconds("speculative", "fixed:4", False, 20) == pytest.approx(20 * (4 * DRAFT + TARGET + ROUND))


def test_a_head_costs_its_time_with_every_draft_and_a_step_per_round() -> None:
    # Predicted acceptance 1 never stops: batches of 20.
    expected = 20 * (20 * (DRAFT + HEAD) + DRAFT + TARGET + ROUND)
    assert seconds("speculative", "specdecpp", False, 20) == pytest.approx(expected)


@pytest.mark.parametrize(("algorithm", "awaited"), [("fixed:1", 1), ("fixed:4", 2)])
def test_at_once_with_nothing_accepted(algorithm: str, awaited: int) -> None:
    """A pass waits for two drafts or the end of a batch; a verdict is read when the running draft step ends."""
    # 66 ms and the handling hold 6.7 draft steps, so the seventh is waited for.
    steps = 7
    first = awaited * DRAFT + TARGET + ROUND
    later = (steps + awaited) * DRAFT
    found = seconds("async", algorithm, False, 20)
    assert found == pytest.approx(first + 19 * later)


def test_at_once_with_everything_accepted_the_draft_sets_the_pace() -> None:
    tokens = 110
    found = seconds("async", "fixed:4", True, tokens)
    assert tokens * DRAFT <= found <= (tokens + 2) * DRAFT + TARGET + ROUND


def test_messages_take_time_at_once_and_none_by_turns() -> None:
    args = ("async", "fixed:2", False, 20)
    assert seconds(*args, message=0.004) > seconds(*args)
    args = ("speculative", "fixed:2", False, 20)
    assert seconds(*args, message=0.004) == seconds(*args)


def test_a_forecast_adds_the_prompts_up() -> None:
    machine, text = runtime(), trace(True)
    alone = seconds_alone(machine, text)
    found = forecast(machine, "speculative", parse_algorithm("fixed:3"), text, alone)
    assert found.tokens == 120
    assert found.mean_acceptance_length == 4
    assert found.speedup.mean == pytest.approx(120 * (TARGET + ROUND) / found.seconds)
    assert found.speedup.half_width == pytest.approx(0)
    assert found.acceptance is not None
    assert found.acceptance.mean == 1
    assert found.pays


def test_a_single_prompt_leaves_open_whether_it_pays() -> None:
    machine, text = runtime(), trace(True).select_prompts([0])
    found = forecast(machine, "speculative", parse_algorithm("fixed:3"), text, seconds_alone(machine, text))
    assert found.speedup.mean > 2
    assert found.pays is None


def test_a_slow_draft_does_not_pay() -> None:
    machine, text = runtime(draft=TARGET), trace(False)
    alone = seconds_alone(machine, text)
    found = forecast(machine, "speculative", parse_algorithm("fixed:1"), text, alone)
    assert found.pays is False
    assert not find_break_even(
        runtime(draft=2 * TARGET), "speculative", parse_algorithm("fixed:1"), trace(True)
    ).always


def test_break_even_by_turns_is_where_the_closed_form_has_it() -> None:
    """With one draft a round: (draft + target + round)(1 + α)⁻¹ = target + round, so α = draft / (target + round)."""
    rng = np.random.Generator(np.random.PCG64(3))
    sample = trace(rng.random((400, 16)) < 0.6, rows=400)
    found = find_break_even(runtime(draft=0.03), "speculative", parse_algorithm("fixed:1"), sample)
    # A catch-up step is cheaper here than a draft step: 12 ms after full acceptance.
    alpha = 0.03 / (TARGET + ROUND + 0.018)
    assert found.acceptance is not None
    assert found.acceptance.mean == pytest.approx(alpha, abs=0.03)


def test_no_acceptance_is_enough_for_a_draft_as_slow_as_two_targets() -> None:
    slow = MeasuredRuntime(StepTimes({1: 0.2, 2: 0.2}, {1: 0.066, 17: 0.066}, 0.0, 0.0, 64))
    found = find_break_even(slow, "speculative", parse_algorithm("fixed:1"), trace(True))
    assert (found.acceptance, found.always) == (None, False)
