"""Decoding with draft and target at the same time."""

import weakref
from collections.abc import Iterator, Sequence

from ahasd.decoding.asynchronous.coverage import Coverage, check_coverage, rule_name, tokens_ahead
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.link import BoardSizes
from ahasd.decoding.asynchronous.link.messages import Begin, Control, DraftFinished, Prefilled, TargetFinished
from ahasd.decoding.asynchronous.link.word import MAX_LENGTH, Word
from ahasd.decoding.asynchronous.run_record import RunRecord
from ahasd.decoding.asynchronous.verifier_side import Round
from ahasd.decoding.asynchronous.workers.surroundings import check_surroundings
from ahasd.decoding.asynchronous.workers.worker_model import worker_model
from ahasd.decoding.asynchronous.workers.workers import Workers
from ahasd.decoding.backend import torch
from ahasd.decoding.decoder import Decoder
from ahasd.decoding.metrics import MetricsRecorder
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.paced_runner import ModelStep, check_latencies
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.request import GenerationRequest
from ahasd.decoding.speculative.drafting_algorithm import check_head
from ahasd.decoding.stopping import Stopping
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy

#: Drafted tokens ahead of the text at most: with a draft six times as fast as the target (AMUSD's pair) a pass is
#: judged while some twelve are drafted; a longer chain is hardly ever accepted whole. Ours.
MAX_AHEAD = 32

#: New tokens that the shared memory has room for at first; it grows with a request that wants more. Ours.
FIRST_TEXT = 4096


class AsynchronousDecoder(Decoder):
    """Draft and target run at the same time, each in a process of its own (AMUSD, arXiv 2410.17375).

    The draft goes on behind its own tokens and follows the text when that takes another way; the target verifies
    what is there. The processes start with the decoder (some seconds) and stay between requests. If one dies, the
    request that runs raises `WorkerError`, and the next starts a new pair.

    Parameters
    ----------
    target, draft
        Models whose tokenizers agree; their weights are shared with the workers, not copied.
    algorithm
        When a batch ends, which is what EDC decides on and a verification may wait for.
    control
        ``"edc"`` has EDC decide after each batch whether to draft ahead or to wait for a verdict; None drafts ahead.
    coverage
        What a verification covers (`ahasd.decoding.asynchronous.coverage`).
    max_ahead
        Drafted tokens ahead of the text at most, at least 1.
    threads
        Of torch, in each process; None shares those of this process out between the two.
    draft_seconds, target_seconds
        Emulated latency: what a call of the model lasts at least, prefill included; 0 for none.

    Raises
    ------
    AhasdError
        If a value is outside the above, or the algorithm cannot run with this draft.
    WorkerError
        If a process cannot be started.
    """

    method = "async"

    def __init__(
        self,
        target: LanguageModel,
        draft: LanguageModel,
        algorithm: AlgorithmSpec,
        *,
        control: Control | None = None,
        coverage: Coverage = "pending",
        max_ahead: int = MAX_AHEAD,
        threads: int | None = None,
        draft_seconds: float = 0.0,
        target_seconds: float = 0.0,
    ) -> None:
        check_surroundings()
        super().__init__(TransformersRunner(target), target.tokenizer, rule_name(coverage, algorithm))
        check_head(algorithm, draft.acceptance_head, draft.name)
        build_policy(algorithm)  # says so if it is yet to be calibrated
        check_coverage(coverage)
        if control not in (None, "edc"):
            raise UnknownNameError("control", str(control), ["edc"])
        if threads is None:
            threads = max(1, torch.get_num_threads() // 2)
        if max_ahead < 1 or threads < 1:
            raise AhasdError(f"max_ahead is {max_ahead} and threads is {threads}; both must be at least 1")
        check_latencies(draft_seconds, target_seconds)
        self._algorithm_spec, self._control, self._coverage = algorithm, control, coverage
        self._draft_context = draft.context_limit
        self._vocabulary, self._max_ahead, self._threads = target.vocabulary_size, max_ahead, threads
        needs_head = algorithm.algorithm.needs_predicted_acceptance
        self._target_model = worker_model(target, False, target_seconds)
        self._draft_model = worker_model(draft, needs_head, draft_seconds)
        self._requests = 0
        self._record: RunRecord | None = None
        self._workers: Workers | None = None
        self._end: weakref.finalize | None = None  # type: ignore[type-arg]  # of a plain function
        self._closed = False
        self._start()

    @property
    def record(self) -> RunRecord | None:
        """Model calls of the last request that ended; None before."""
        return self._record

    @property
    def processes(self) -> tuple[int, int] | None:
        """Process ids of target and draft; None if none run."""
        return None if self._workers is None else (self._workers.target.pid, self._workers.draft.pid)

    def rounds(
        self, prompt: list[int], request: GenerationRequest, stopping: Stopping, recorder: MetricsRecorder
    ) -> Iterator[list[int]]:
        """Yield what each pass of the target adds to the text."""
        workers = self._start()
        self._requests += 1
        self._record = None
        try:
            begin = self._begin(workers, prompt, request)
            workers.send(begin)
            yield from self._follow(workers, begin, recorder)
        except GeneratorExit:
            raise  # the text is complete or not wanted any more; the workers have been told
        except BaseException:
            # An error of a worker, or Ctrl-C: what the pair is at is unknown.
            self._stop(by_force=True)
            raise

    def _model_steps(self) -> tuple[Sequence[ModelStep], Sequence[ModelStep]]:
        return ((), ()) if self._record is None else (self._record.draft_steps, self._record.target_steps)

    def _check_process(self) -> None:
        """Leave it to the workers, which no fork can use, however many threads it has."""
        if self._workers is not None:
            self._workers.check_process()

    def close(self) -> None:
        """End the processes and give the shared memory back; decoding is over for good."""
        self._closed = True
        self._stop(by_force=self._busy)

    def _follow(self, workers: Workers, begin: Begin, recorder: MetricsRecorder) -> Iterator[list[int]]:
        """Pass the rounds on as they come, and see that both sides end the request."""
        prefilled = 0
        reports: list[DraftFinished | TargetFinished] = []
        try:
            for _, message in workers.messages():
                if isinstance(message, Round):
                    recorder.verified(message.accepted, message.rejected)
                    for verdict in message.verdicts:
                        recorder.judged(verdict)
                    yield message.tokens
                elif isinstance(message, Prefilled):
                    prefilled += 1
                    if prefilled == len(workers.both):
                        recorder.prefilled()
                else:
                    # The drafter may have read of the end before the last round has come through the pipe.
                    reports.append(message)
        except GeneratorExit:
            self._settle(workers, begin, recorder, reports)
            raise

    def _settle(
        self,
        workers: Workers,
        begin: Begin,
        recorder: MetricsRecorder,
        reports: list[DraftFinished | TargetFinished],
    ) -> None:
        """Have both sides give the request up if they still work on it, and take what they report."""
        if workers.ended:
            return  # the decoder was closed, or the interpreter exits, with the text half read
        workers.boards(begin.sizes).caller.publish(Word(begin.number, 0))
        workers.link.ring()
        try:
            messages = workers.messages()
            while len(reports) < len(workers.both):
                _, message = next(messages)
                if isinstance(message, DraftFinished | TargetFinished):
                    reports.append(message)
        except BaseException:
            self._stop(by_force=True)
            raise
        steps: dict[type, tuple[ModelStep, ...]] = {type(report): tuple(report.steps) for report in reports}
        (draft,) = (report for report in reports if isinstance(report, DraftFinished))
        recorder.drafted, recorder.flushed = draft.drafted, draft.flushed
        self._record = RunRecord(
            self._draft_model.least_seconds,
            self._target_model.least_seconds,
            steps[DraftFinished],
            steps[TargetFinished],
            draft.control,
        )

    def _begin(self, workers: Workers, prompt: list[int], request: GenerationRequest) -> Begin:
        if request.max_new_tokens > MAX_LENGTH:
            raise AhasdError(
                f"max_new_tokens is {request.max_new_tokens}; asynchronously at most {MAX_LENGTH}"
            )
        # The draft proposes behind a text that fills its context, but not behind a longer one.
        draftable = None if self._draft_context is None else self._draft_context - len(prompt) + 1
        limits = TextLimits(request.max_new_tokens, frozenset(request.eos_token_id or ()), draftable)
        # Distributions take megabytes; only independent sampling looks at any.
        carried = self._vocabulary if request.do_sample and request.sampling == "independent" else 0
        ahead = tokens_ahead(self._coverage, self._max_ahead, request.max_new_tokens, carried > 0)
        boards = workers.boards(BoardSizes(max(FIRST_TEXT, request.max_new_tokens), ahead, carried))
        return Begin(
            self._requests,
            prompt,
            request,
            limits,
            self._vocabulary,
            boards.name,
            boards.sizes,
            boards.text.read_word().epoch,
            self._algorithm_spec,
            self._control,
            self._coverage,
        )

    def _start(self) -> Workers:
        if self._closed:
            raise AhasdError("this decoder is closed; make a new one")
        if self._workers is not None:
            self._workers.check_process()
        if self._workers is None:
            self._workers = Workers(self._target_model, self._draft_model, self._threads)
            # Also without close(), when the decoder is forgotten or the interpreter exits.
            self._end = weakref.finalize(self, self._workers.end, by_force=True)
            try:
                self._workers.wait_until_ready()
            except BaseException:
                self._stop(by_force=True)
                raise
        return self._workers

    def _stop(self, by_force: bool) -> None:
        workers, self._workers = self._workers, None
        if workers is not None and self._end is not None:
            self._end.detach()
            self._end = None
            workers.end(by_force)
