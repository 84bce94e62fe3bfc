"""What the simulator foretells is what the runtime does, with emulated latencies (slow: it takes real seconds)."""

from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.benchmarking.benchmark import bench, encode_prompts
from ahasd.benchmarking.contender import OwnContender
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
from ahasd.hardware.cost import StepCost
from ahasd.hardware.step_table import StepCosts
from ahasd.prediction.measured_runtime import MeasuredRuntime
from ahasd.prediction.measurement import PredictionBasis, measure
from ahasd.prediction.predict import forecast, seconds_alone
from ahasd.speculation.drafting.specification import parse_algorithm
from ahasd.speculation.machine import Machine

pytestmark = pytest.mark.slow

LATENCY = EmulatedLatency(0.010, 0.066)
TOKENS = 96
PROMPTS = SAMPLE_PROMPTS[:4]
BEYOND_THE_MODEL = 0.0004
"""Seconds of a step outside of the model's call: rule, boards and doorbells, with the tiny pair on a busy core."""


@pytest.fixture(scope="module")
def pair() -> Any:
    from ahasd.decoding.backend import torch
    from ahasd.decoding.tiny_pair import load_tiny_pair

    torch.set_num_threads(1)
    return load_tiny_pair()


@pytest.fixture(scope="module")
def measured(pair: Any) -> PredictionBasis:
    return measure(*pair, PROMPTS, TOKENS, LATENCY, concurrently=True)


@pytest.mark.slow  # a busy machine measures something else
@pytest.mark.parametrize(
    ("method", "algorithm"), [("speculative", "fixed:6"), ("async", "fixed:6"), ("async", "adaedl")]
)
def test_the_speed_that_was_foretold_is_measured(
    pair: Any, measured: PredictionBasis, method: Any, algorithm: str
) -> None:
    runtime = measured.runtime
    foretold = forecast(
        runtime, method, parse_algorithm(algorithm), measured.trace, seconds_alone(runtime, measured.trace)
    )
    contender = OwnContender(method, algorithm, *pair, LATENCY)
    try:
        found = bench([contender], encode_prompts(PROMPTS, pair, TOKENS), 1, TOKENS).contenders[0]
    finally:
        contender.close()
    assert foretold.tokens == found.tokens
    assert foretold.tokens_per_second == pytest.approx(found.tokens_per_second, rel=0.10)
    assert found.metrics is not None
    assert foretold.mean_acceptance_length == pytest.approx(found.metrics.mean_acceptance_length, rel=0.05)


class Recorded(StepCosts):
    """Steps that take what those of a run took, one after another; beyond them, their mean.

    Proposing, judging and publishing is outside of the model's call, and is added to each.
    """

    def __init__(self, name: str, seconds: list[float], beyond: float) -> None:
        self.name = name
        self._left, self._mean, self._beyond = iter(seconds), fmean(seconds), beyond

    def cost(self, width: int, context: int) -> StepCost:
        return StepCost(seconds=next(self._left, self._mean) + self._beyond)


@dataclass(frozen=True)
class Replay(MeasuredRuntime):
    """The runtime whose steps are those of a run."""

    draft_seconds: list[float] = field(default_factory=list)
    target_seconds: list[float] = field(default_factory=list)

    def _machine(self, method: Any, tokens: int, algorithm: Any) -> Machine:
        machine = super()._machine(method, tokens, algorithm)
        return replace(
            machine,
            draft_steps=Recorded("draft", self.draft_seconds, BEYOND_THE_MODEL),
            target_steps=Recorded("target", self.target_seconds, BEYOND_THE_MODEL),
        )


@pytest.mark.parametrize("algorithm", ["fixed:6", "adaedl"])
def test_the_simulator_fed_with_the_steps_of_a_run_gives_its_rounds_and_its_time(
    pair: Any, measured: PredictionBasis, algorithm: str
) -> None:
    from ahasd.decoding.asynchronous import AsynchronousDecoder
    from ahasd.decoding.request import GenerationRequest

    spec = parse_algorithm(algorithm)
    decoder = AsynchronousDecoder(*pair, spec, draft_seconds=LATENCY.draft_s, target_seconds=LATENCY.target_s)
    seconds = passes = tokens = 0.0
    simulated_seconds = simulated_passes = simulated_tokens = 0.0
    try:
        for number, prompt in enumerate(encode_prompts(PROMPTS, pair, TOKENS)):
            list(decoder.tokens(prompt, GenerationRequest(max_new_tokens=TOKENS)))
            metrics, record = decoder.metrics, decoder.record
            assert record is not None
            runtime = Replay(
                measured.runtime.alone,
                measured.runtime.together,
                [step.seconds for step in record.draft_steps if step.rows],
                [step.seconds for step in record.target_steps if step.rows],
            )
            own = measured.trace.select_prompts([number])
            outcome = runtime.run("async", spec, own, own.positions)
            seconds += metrics.seconds
            passes += metrics.verifications
            tokens += metrics.tokens + metrics.tokens_cut
            simulated_seconds += outcome.end * 1e-12
            simulated_passes += outcome.ledger.verifications
            simulated_tokens += outcome.ledger.emitted
    finally:
        decoder.close()
    print(
        f"{algorithm}: {tokens / passes:.3f} tokens a pass, simulated {simulated_tokens / simulated_passes:.3f}; "
        f"{seconds:.2f} s, simulated {simulated_seconds:.2f} s"
    )
    assert simulated_tokens / simulated_passes == pytest.approx(tokens / passes, rel=0.05)
    assert simulated_seconds == pytest.approx(seconds, rel=0.10)
