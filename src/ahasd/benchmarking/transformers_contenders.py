"""Plain and assisted generation of transformers, as contenders in a benchmark."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from time import perf_counter, sleep
from typing import Any

from ahasd.benchmarking.contender import Contender, TextRun
from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.models.language_model import LanguageModel


class TransformersContender(Contender):
    """``generate`` of transformers, with the draft as assistant or without.

    Parameters
    ----------
    target
        Loaded model.
    draft
        The assistant, with the settings of transformers; None for plain generation.
    latency
        To emulate: every forward is padded, as those of this package's own methods are.
    """

    note = "transformers reads the prompt in the pass of the first token, which is in its time"

    def __init__(self, target: LanguageModel, draft: LanguageModel | None, latency: EmulatedLatency) -> None:
        self.method = "transformers" if draft is None else "transformers-assisted"
        self._target, self._draft, self._latency = target, draft, latency

    def run(self, prompt: Sequence[int], max_new_tokens: int) -> TextRun:
        """Decode; the clock starts with the call."""
        model = self._target.model
        input_ids = torch.tensor([list(prompt)], device=model.device)
        options: dict[str, Any] = {"max_new_tokens": max_new_tokens, "do_sample": False}
        if model.generation_config.pad_token_id is None:
            options["pad_token_id"] = min(self._target.end_tokens, default=0)
        if self._draft is not None:
            options["assistant_model"] = self._draft.model
        moments: list[tuple[float, int]] = []

        def stamp(text: Any, *_: Any, **__: Any) -> Any:
            moments.append((perf_counter(), text.shape[1] - len(prompt)))
            return torch.zeros(1, dtype=torch.bool, device=model.device)

        with ExitStack() as stack, torch.inference_mode():
            stack.enter_context(padded_forward(model, self._latency.target_s))
            if self._draft is not None:
                stack.enter_context(padded_forward(self._draft.model, self._latency.draft_s))
            began = perf_counter()
            found = model.generate(
                input_ids,
                attention_mask=torch.ones_like(input_ids),
                stopping_criteria=transformers.StoppingCriteriaList([stamp]),
                **options,
            )
            tokens = tuple(found[0, len(prompt) :].tolist())  # waits for the device
            ended = perf_counter()
        over_time = tuple((moment - began, count) for moment, count in moments)
        first = over_time[0][0] if over_time else None
        return TextRun(tokens, ended - began, first, tokens_over_time=over_time)


@contextmanager
def padded_forward(model: Any, least_seconds: float) -> Iterator[None]:
    """Have every forward of a model of transformers last so long at least; 0 leaves it alone."""
    if least_seconds <= 0:
        yield
        return
    forward = model.forward

    @wraps(forward)  # transformers reads the names of its parameters
    def padded(*arguments: Any, **options: Any) -> Any:
        began = perf_counter()
        outputs = forward(*arguments, **options)
        if model.device.type == "cuda":
            torch.cuda.synchronize(model.device)
        left = began + least_seconds - perf_counter()
        if left > 0:
            sleep(left)
        return outputs

    model.forward = padded
    try:
        yield
    finally:
        del model.forward  # the method of the class shows again
