"""What a prediction is made from: step times and a sample of acceptance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, thread_time

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.backend import torch
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.paced_runner import paced
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.request import GenerationRequest
from ahasd.prediction.concurrent_steps import measure_concurrent_steps
from ahasd.prediction.measured_runtime import MeasuredRuntime
from ahasd.prediction.step_times import DraftSteps, measure_steps, most_drafts
from ahasd.traces.rollout.rollout import RolloutTrace

#: Positions that are rolled out in one batch; more gain nothing on a CPU, and are more than a small GPU has room for.
#: Ours.
RECORDED_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class PredictionBasis:
    """Models at work on this machine.

    Attributes
    ----------
    trace
        What the draft proposes and the target says, greedy, over the prompts.
    runtime
        Ready to simulate.
    devices
        Of draft and target.
    """

    trace: RolloutTrace
    runtime: MeasuredRuntime
    devices: tuple[str, str]


def measure(
    target: LanguageModel,
    draft: LanguageModel,
    prompts: Sequence[Prompt],
    max_new_tokens: int,
    latency: EmulatedLatency,
    concurrently: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PredictionBasis:
    """Record a trace of the prompts, and time the steps behind the first of them and half of its text.

    Parameters
    ----------
    max_new_tokens
        Of every prompt.
    concurrently
        Whether to time the steps with both models at work, too, which starts a process.
    progress
        Told how far the recording is, in positions.

    Raises
    ------
    AhasdError
        If a prompt does not fit into a model's context, or the other process fails.
    """
    trace = record(
        target,
        draft,
        prompts,
        mode="greedy",
        tokens_per_prompt=max_new_tokens,
        batch_size=RECORDED_TOGETHER,
        prompts_source="a sample for a prediction",
        progress=progress,
    )
    request = GenerationRequest(max_new_tokens=max(1, max_new_tokens // 2), eos_token_id=())
    own = build_runner(target)
    prompt: list[int] = list(target.tokenizer(prompts[0].text, verbose=False)["input_ids"])
    text = [*prompt, *AutoregressiveDecoder(own).tokens(prompt, request)]
    target_runner, draft_runner = paced(own, latency.target_s), paced(build_runner(draft), latency.draft_s)
    clock = _clock(target_runner, draft_runner, latency, concurrently)
    alone = measure_steps(target_runner, draft_runner, text, request, draft.acceptance_head, clock)
    together = None
    if concurrently:
        count = most_drafts(target_runner, draft_runner, len(text))
        proposals = DraftSteps(draft_runner, text, request).propose(count)
        together = measure_concurrent_steps(target_runner, draft, latency.draft_s, text, request, proposals)
    devices = (str(draft_runner.device), str(target_runner.device))
    return PredictionBasis(trace, MeasuredRuntime(alone, together), devices)


def _clock(
    target: ModelRunner, draft: ModelRunner, latency: EmulatedLatency, concurrently: bool
) -> Callable[[], float]:
    """Give the clock for steps by turns, which on one core of a CPU leaves out what other programs take.

    Of several threads it would see one. Models at work at once wait for each other, so what is held against that is
    timed as that is.
    """
    on_cpu = {torch.device(runner.device).type for runner in (target, draft)} == {"cpu"}
    alone = on_cpu and torch.get_num_threads() == 1
    return thread_time if alone and not latency and not concurrently else perf_counter
