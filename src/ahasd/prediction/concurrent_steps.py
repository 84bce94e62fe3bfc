"""How long the steps of decoding take while both models run at once, each in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

from ahasd.decoding.asynchronous.link.doorbell import Doorbell
from ahasd.decoding.asynchronous.workers.starting import start_beyond_ctrl_c
from ahasd.decoding.asynchronous.workers.worker_model import WorkerModel, worker_model
from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.errors import AhasdError
from ahasd.prediction.step_times import DraftSteps, TargetPasses, repeat

#: Round trips that the latency of a message is the mean of. Ours.
MESSAGES = 200

#: For the process to come up with its model: twice what loading torch took on a slow, busy machine. Ours.
PATIENCE_S = 120.0

#: Longest wait for the answer to a message, which takes less than a millisecond where both sides run; ours.
ANSWER_S = 1.0


@dataclass(frozen=True, slots=True)
class ConcurrentSteps:
    """Mean durations in seconds by width in tokens, of both models while the other runs as well.

    Attributes
    ----------
    draft, target
        Of a draft step and of a pass of the target.
    message
        From ringing the other process to its being awake.
    """

    draft: dict[int, float]
    target: dict[int, float]
    message: float


def measure_concurrent_steps(
    target: ModelRunner,
    draft: LanguageModel,
    draft_seconds: float,
    text: Sequence[int],
    request: GenerationRequest,
    proposals: Sequence[Any],
) -> ConcurrentSteps:
    """Time passes of the target here while another process times draft steps, on as many threads as this one.

    Parameters
    ----------
    target
        Its cache is overwritten.
    draft
        Runs in the other process, on its own device.
    draft_seconds
        Emulated latency of the draft.
    text, request, proposals
        See `TargetPasses`.

    Raises
    ------
    AhasdError
        If the other process ends or does not come up.
    """
    context = torch.multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    call, answer = Doorbell(context), Doorbell(context)
    process = context.Process(
        target=_draft_meanwhile,
        args=(
            other_end,
            call,
            answer,
            worker_model(draft, False, draft_seconds),
            list(text),
            request,
            torch.get_num_threads(),
        ),
        name="ahasd-predict-draft",
        daemon=True,
    )
    start_beyond_ctrl_c(process)
    other_end.close()
    try:
        passes = TargetPasses(target, text, request, proposals)
        _receive(pipe)  # it has begun to draft
        repeat(passes.time)
        pipe.send(None)
        drafted = _receive(pipe)
        message = _message_seconds(call, answer)
        return ConcurrentSteps(drafted, passes.means(), message)
    finally:
        pipe.close()
        process.terminate()
        process.join()


def _receive(pipe: Connection) -> Any:
    try:
        if pipe.poll(PATIENCE_S):
            return pipe.recv()
    except (EOFError, ConnectionResetError) as error:
        raise AhasdError(
            "the process that runs the draft ended before it was ready (out of memory?); leave out method 'async'"
        ) from error
    raise AhasdError(
        f"the process that runs the draft was not ready after {PATIENCE_S:.0f} s; leave out 'async'"
    )


def _message_seconds(call: Doorbell, answer: Doorbell) -> float:
    began = perf_counter()
    for _ in range(MESSAGES):
        call.ring()
        if not answer.wait(ANSWER_S):
            raise AhasdError(
                f"the process that runs the draft did not answer a message within {ANSWER_S:g} s; run it again on a "
                "machine that is less busy, or leave out method 'async'"
            )
    return (perf_counter() - began) / MESSAGES / 2


def _draft_meanwhile(
    pipe: Connection,
    call: Doorbell,
    answer: Doorbell,
    model: WorkerModel,
    text: list[int],
    request: GenerationRequest,
    threads: int,
) -> None:
    """Be the other process: draft until told to stop, report the times, then answer calls."""
    torch.set_num_threads(threads)
    try:
        drafts = DraftSteps(model.runner(), text, request)
        drafts.time()
        pipe.send(None)
        while not pipe.poll():
            drafts.time()
        pipe.recv()
        pipe.send(drafts.means())
        for _ in range(MESSAGES):
            if not call.wait(ANSWER_S):
                return
            answer.ring()
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return  # nobody wants to know any more
