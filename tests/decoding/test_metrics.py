"""Figures of a request counted along with a clock that is set by hand, and their sums over a queue."""

from dataclasses import replace

import pytest

from ahasd.decoding.metrics import DecodingMetrics, MetricsRecorder, combine
from ahasd.decoding.rules.rule import Judgement


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def recorded(dtype="bfloat16"):
    """Two passes: three of four drafts accepted, then none of two, with five drafts in flight at the end."""
    clock = Clock()
    recorder = MetricsRecorder("speculative", "fixed:4", dtype, clock)
    clock.now += 2.0
    recorder.prefilled()
    recorder.drafted += 11
    clock.now += 0.5
    recorder.verified(accepted=3, rejected=1)
    recorder.judged(Judgement(3, 7, margins=(1.0, 0.5, 0.03, 2.0), best=(10.0, 10.0, -10.0, 10.0)))
    recorder.emitted(4)
    clock.now += 0.25
    recorder.verified(accepted=0, rejected=1, flushed=1)
    recorder.judged(Judgement(0, 7, margins=(0.05,), best=(10.0,)))
    recorder.emitted(1, cut=2)
    clock.now += 9.0
    return recorder.result()


def test_a_request_is_counted():
    assert recorded() == DecodingMetrics(
        method="speculative",
        algorithm="fixed:4",
        dtype="bfloat16",
        tokens=5,
        tokens_cut=2,
        tokens_of_prefill=1,
        seconds=0.75,
        seconds_prefill=2.0,
        ttft_s=2.5,
        drafted=11,
        accepted=3,
        rejected=2,
        flushed=1,
        verifications=2,
        accepted_histogram={0: 1, 3: 1},
        smallest_top2_gap=0.03,
        close_calls=1,  # bfloat16 rounds 10 by 0.039
    )


def test_what_follows_from_the_counts():
    metrics = recorded()
    assert metrics.tokens_per_second == pytest.approx(4 / 0.75)  # the first came with the prompt
    assert metrics.tpot_s == pytest.approx(0.75 / 4)
    assert metrics.draft_acceptance_rate == pytest.approx(3 / 5)
    assert metrics.draft_efficiency == pytest.approx(3 / 11)
    assert metrics.wasted == 8
    assert metrics.in_flight == 5
    assert metrics.mean_acceptance_length == pytest.approx(6 / 1)  # one pass and one token are the prompt's
    assert "1 of 5 tokens" in metrics.note


def test_before_anything_is_written_nothing_can_be_said():
    metrics = MetricsRecorder("autoregressive", "", "float32").result()
    assert (metrics.ttft_s, metrics.tokens_per_second, metrics.tpot_s) == (None, None, None)
    assert (metrics.draft_acceptance_rate, metrics.draft_efficiency) == (None, None)
    assert (metrics.mean_acceptance_length, metrics.smallest_top2_gap) == (None, None)
    assert (metrics.seconds, metrics.seconds_prefill, metrics.wasted) == (0, 0, 0)


@pytest.mark.parametrize(
    ("dtype", "close"), [("float64", 0), ("float32", 0), ("float16", 0), ("bfloat16", 1)]
)
def test_a_close_call_is_one_within_the_rounding_of_the_type(dtype, close):
    """The closest of the decisions lies 0.03 apart at scores of 10: float16 rounds those by 0.005."""
    metrics = recorded(dtype)
    assert metrics.close_calls == close
    assert bool(metrics.note) == (dtype in ("float16", "bfloat16"))


def test_a_margin_of_exactly_one_rounding_is_close():
    for dtype, bits in (("float64", 53), ("float32", 24), ("float16", 11), ("bfloat16", 8)):
        recorder = MetricsRecorder("speculative", "fixed:1", dtype)
        rounding = 4.0 * 0.5**bits
        recorder.judged(Judgement(1, 7, margins=(rounding, rounding * 1.001), best=(-4.0, 4.0)))
        assert recorder.result().close_calls == 1


def test_a_first_round_that_is_cut_whole_is_no_first_token():
    clock = Clock()
    recorder = MetricsRecorder("speculative", "fixed:1", "float32", clock)
    clock.now += 1.0
    recorder.emitted(0, cut=3)
    assert recorder.result().ttft_s is None
    clock.now += 1.0
    recorder.emitted(1)
    assert recorder.result().ttft_s == 2.0


def test_a_queue_is_the_sum_of_its_requests():
    first = recorded()
    silent = replace(
        first,
        tokens=0,
        tokens_cut=1,
        ttft_s=None,
        smallest_top2_gap=None,
        close_calls=0,
        accepted_histogram={3: 2},
    )
    last = replace(first, ttft_s=0.5, smallest_top2_gap=0.02, accepted_histogram={1: 1, 0: 3})
    whole = combine(iter([first, silent, last]))
    counts = (
        "seconds",
        "seconds_prefill",
        "drafted",
        "accepted",
        "rejected",
        "flushed",
        "in_flight",
        "verifications",
    )
    for name in counts:
        assert getattr(whole, name) == 3 * getattr(first, name), name
    assert (whole.method, whole.algorithm, whole.dtype) == ("speculative", "fixed:4", "bfloat16")
    assert (whole.tokens, whole.tokens_cut, whole.close_calls) == (10, 5, 2)
    assert whole.ttft_s == pytest.approx((2.5 + 0.5) / 2)
    assert whole.smallest_top2_gap == 0.02
    assert list(whole.accepted_histogram.items()) == [(0, 4), (1, 1), (3, 3)]
    assert combine([silent]).ttft_s is None
    assert combine([silent]).smallest_top2_gap is None
