"""The record of a run: every pass and every token in it, once; and AMUSD's rule, which a record shows."""

import json

import pytest
import torch

from ahasd.decoding import SpeculativeDecoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.paced_runner import ModelStep
from ahasd.decoding.run_steps import run_steps
from ahasd.errors import AhasdError
from ahasd.report.step_log import step_log, tokens_plot

PROMPT = [5, 6, 7, 5, 6]


def test_rounds_and_passes_are_put_together_by_hand():
    times = iter([10.0, 11.0, 12.0, 14.0])
    recorder = MetricsRecorder("speculative", "fixed:2", "float32", clock=lambda: next(times))
    for new in (1, 3, 2):
        recorder.emitted(new)
    draft = [ModelStep(5, 0, 0.1, 10.9), ModelStep(1, 1, 0.2, 11.1), ModelStep(1, 1, 0.3, 11.5)]
    # The text ends with the second of three verifications; nobody waited for the third.
    target = [
        ModelStep(5, 1, 0.8, 10.1),
        ModelStep(3, 3, 0.4, 11.4),
        ModelStep(3, 3, 0.5, 13.0),
        ModelStep(3, 3, 0.6, 14.0),
    ]
    steps = run_steps(recorder, draft, target)
    assert steps.draft_times == (0.2, 0.3)
    assert steps.verify_times == (0.4, 0.5)
    assert steps.accepted_tokens == (3, 2)
    assert steps.tokens_over_time == ((1.0, 1), (2.0, 4), (4.0, 6))
    assert (steps.total_time, steps.tokens_generated) == (4.0, 6)
    kinds = [(step.side, step.kind, round(step.start_s, 1)) for step in steps.timeline]
    assert kinds == [
        ("target", "prefill", 0.1),
        ("draft", "prefill", 0.9),
        ("draft", "draft", 1.1),
        ("target", "verify", 1.4),
        ("draft", "draft", 1.5),
        ("target", "verify", 3.0),
    ]


@pytest.mark.parametrize(
    ("method", "algorithm"), [("autoregressive", None), ("speculative", "fixed:3"), ("ngram", None)]
)
def test_the_record_of_a_run_agrees_with_its_metrics(method, algorithm):
    with SpeculativeDecoder(method=method, algorithm=algorithm) as decoder:
        output = decoder.generate([PROMPT, PROMPT[:3]], max_new_tokens=20, eos_token_id=())
        assert decoder.steps == output.steps[-1]
    for steps, metrics in zip(output.steps, output.per_prompt, strict=True):
        assert steps.tokens_generated == metrics.tokens == 20
        assert len(steps.verify_times) == len(steps.accepted_tokens) == metrics.verifications - 1
        assert sum(steps.accepted_tokens) == 19
        assert steps.total_time == pytest.approx(metrics.seconds + metrics.seconds_prefill)
        assert (len(steps.draft_times) > 0) == (method == "speculative")
        starts = [step.start_s for step in steps.timeline]
        assert starts == sorted(starts)
        assert starts[0] >= 0
        # One thing at a time: a pass begins when the one before it has ended.
        for before, after in zip(steps.timeline, steps.timeline[1:], strict=False):
            assert after.start_s >= before.start_s + before.seconds - 1e-9


def test_amusd_drafts_during_verification_and_writes_the_targets_text():
    alone = SpeculativeDecoder(method="autoregressive").generate(PROMPT, max_new_tokens=60, eos_token_id=())
    latency = {"draft_seconds": 0.002, "target_seconds": 0.03}
    with SpeculativeDecoder(method="async", algorithm="amusd", threads=1, **latency) as decoder:
        output = decoder.generate(PROMPT, max_new_tokens=60, eos_token_id=())
        sampled = decoder.generate(PROMPT, max_new_tokens=10, do_sample=True, seed=1)
    assert torch.equal(output.sequences, alone.sequences)
    assert output.metrics.algorithm == "amusd"
    (steps,) = output.steps
    assert sum(steps.accepted_tokens) == 59
    passes = [step for step in steps.timeline if step.kind == "verify"]
    drafts = [step for step in steps.timeline if step.kind == "draft"]
    # From two drafted tokens on, behind one of the text; alone only at the end, where nothing is left to draft.
    assert all(step.tokens >= 3 for step in passes[:-2])
    assert any(one.start_s < draft.start_s < one.start_s + one.seconds for one in passes for draft in drafts)
    assert len(sampled.new_tokens[0]) <= 10


def test_amusd_is_refused_where_it_does_not_hold():
    with pytest.raises(AhasdError, match="method 'speculative' takes turns"):
        SpeculativeDecoder(algorithm="amusd")
    with pytest.raises(AhasdError, match="control='edc' has the draft wait"):
        SpeculativeDecoder(method="async", algorithm="amusd", control="edc")


@pytest.mark.parametrize(
    ("method", "algorithm", "strategy", "lists"),
    [
        ("autoregressive", None, "greedy", {"token_times"}),
        ("speculative", "fixed:5", "sd", {"draft_times", "verify_times", "accepted_tokens"}),
        ("speculative", "svip", "speculative svip", {"draft_times", "verify_times", "accepted_tokens"}),
    ],
)
def test_a_log_has_the_fields_of_amusd(method, algorithm, strategy, lists):
    with SpeculativeDecoder(method=method, algorithm=algorithm) as decoder:
        output = decoder.generate(PROMPT, max_new_tokens=12, eos_token_id=())
    log = json.loads(json.dumps(step_log(output.steps[0], 3)))
    assert log["strategy"] == strategy
    assert log["sample_index"] == 3
    metrics = log["metrics"]
    assert set(metrics) == lists | {"total_time", "tokens_generated", "time_per_token"}
    assert metrics["time_per_token"] * 12 == pytest.approx(metrics["total_time"])
    assert log["tokens_over_time"][-1] == [metrics["total_time"], 12]


def test_a_plot_puts_the_faster_line_to_the_left():
    lines = {"fast": [(0.5, 5), (1.0, 10)], "slow": [(1.0, 5), (2.0, 10)]}
    plot = tokens_plot(lines, width=20, height=4)
    assert plot.splitlines() == [
        "tokens",
        "    10 |          *        o",
        "       |",
        "       |     *    o",
        "     0 |",
        "       +--------------------",
        "       0              2.00 s",
        "  * fast",
        "  o slow",
    ]
    assert tokens_plot({"nothing": []}) == "no tokens\n"
