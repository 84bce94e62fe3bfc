"""Step times: smoothed over widths, and taken from runners."""

from itertools import count, pairwise
from time import perf_counter, thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.paced_runner import paced
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.prediction.measurement import _clock
from ahasd.prediction.step_times import TARGET_WIDTHS, measure_steps, most_drafts, never_falling, trimmed_mean


def test_the_slowest_tenth_is_left_out_of_a_mean() -> None:
    assert trimmed_mean([2.0]) == 2.0
    assert trimmed_mean([1.0, 90.0, 2.0]) == 1.5
    assert trimmed_mean([1.0] * 18 + [50.0, 60.0]) == 1.0


def test_a_hand_worked_smoothing() -> None:
    assert never_falling({1: 1.0, 2: 4.0, 3: 2.0, 4: 3.0, 8: 9.0}) == {1: 1.0, 2: 3.0, 3: 3.0, 4: 3.0, 8: 9.0}


@given(st.dictionaries(st.integers(1, 20), st.floats(0, 10), min_size=1))
def test_smoothing_keeps_the_sum_and_never_falls(times: dict[int, float]) -> None:
    smooth = never_falling(times)
    values = [smooth[width] for width in sorted(times)]
    assert all(before <= after + 1e-12 for before, after in pairwise(values))
    assert sum(values) == pytest.approx(sum(times.values()))
    assert never_falling(smooth) == pytest.approx(smooth)


def test_padded_steps_take_at_least_their_padding() -> None:
    target, draft = load_tiny_pair()
    runners = paced(build_runner(target), 0.004), paced(build_runner(draft), 0.002)
    times = measure_steps(*runners, [5] * 20, GenerationRequest(), draft.acceptance_head)
    assert set(times.target) == set(TARGET_WIDTHS)
    assert min(times.target.values()) >= 0.004
    assert set(times.draft) == {1, 2}
    assert min(times.draft.values()) >= 0.002
    assert times.context == 20
    assert times.head >= 0
    assert times.round >= 0


def test_a_text_that_nearly_fills_the_context_is_measured_as_far_as_it_goes() -> None:
    target, draft = (build_runner(model) for model in load_tiny_pair())
    assert most_drafts(target, draft, 250) == 5
    times = measure_steps(target, draft, [5] * 250, GenerationRequest())
    assert max(times.target) == 6


def test_steps_are_timed_with_the_clock_that_is_given() -> None:
    ticks = count()
    target, draft = (build_runner(model) for model in load_tiny_pair())
    times = measure_steps(target, draft, [5] * 20, GenerationRequest(), clock=lambda: float(next(ticks)))
    assert set(times.target.values()) == {1.0}
    assert set(times.draft.values()) == {1.0}


def test_what_other_programs_take_does_not_count_unless_models_wait_for_each_other() -> None:
    target, draft = (build_runner(model) for model in load_tiny_pair())
    slow = EmulatedLatency(draft_s=0.001, target_s=0.0)
    assert _clock(target, draft, EmulatedLatency(), concurrently=False) is thread_time
    assert _clock(target, draft, EmulatedLatency(), concurrently=True) is perf_counter
    assert _clock(target, draft, slow, concurrently=False) is perf_counter
