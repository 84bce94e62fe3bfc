"""A text written sparsely, held against the dense model's own."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ahasd import __version__
from ahasd.decoding.models.llama_weights import LlamaWeights
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.sparse_attention.attention_recorder import AttentionRecorder
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.settings import SparseSettings, check_room
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.errors import AhasdError
from ahasd.traces.attention.header import AttentionHeader
from ahasd.traces.attention.trace import AttentionTrace


@dataclass(frozen=True, slots=True)
class SparseRun:
    """Two greedy texts.

    Attributes
    ----------
    prompt
        Tokens of it.
    tokens, dense_tokens
        Ids that were written.
    same_until
        Tokens until they differ; all of the shorter one where they do not.
    same_choice
        Share of the dense text's tokens that the sparse model chooses, too, when it reads that text.
    step_s, dense_step_s
        Median time of a step behind the prompt; None where there was none.
    bytes_read, dense_bytes
        Of keys, values and bounds, by a step in the mean, and what a dense model reads at the same contexts.
    trace
        Which pages were chosen; None where no page could be, and where no step was made.
    """

    prompt: int
    tokens: tuple[int, ...]
    dense_tokens: tuple[int, ...]
    same_until: int
    same_choice: float
    step_s: float | None
    dense_step_s: float | None
    bytes_read: float
    dense_bytes: float
    trace: AttentionTrace | None

    @property
    def time_ratio(self) -> float | None:
        """Dense step over sparse step."""
        return None if self.step_s is None or self.dense_step_s is None else self.dense_step_s / self.step_s


def compare_with_dense(
    weights: LlamaWeights,
    prompt: Sequence[int],
    settings: SparseSettings,
    new_tokens: int,
    tokenizer_hash: str = "none",
) -> SparseRun:
    """Write a text sparsely and densely, greedily.

    Parameters
    ----------
    new_tokens
        At most; an end token ends a text.

    Raises
    ------
    AhasdError
        The prompt is empty, the context is beyond the model's or shorter than the window, or the split is another
        model's.
    """
    if not prompt:
        raise AhasdError("the prompt has no tokens; give some text")
    if new_tokens < 1:
        raise AhasdError(f"--max-new-tokens is {new_tokens}; must be at least 1")
    check_room(weights, len(prompt), new_tokens)
    settings.paging.window.check_fits(len(prompt) + new_tokens)
    sparse = SparseRunner(weights, settings)
    recorder = AttentionRecorder(sparse)
    tokens, seconds = _written(sparse, prompt, new_tokens, recorder)
    dense = MaskedRunner(weights)
    dense_tokens, dense_seconds = _written(dense, prompt, new_tokens)
    pairs = list(zip(tokens, dense_tokens, strict=False))
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), len(pairs))
    return SparseRun(
        len(prompt),
        tuple(tokens),
        tuple(dense_tokens),
        same,
        _same_choice(dense, settings, len(prompt), dense_tokens),
        median(seconds) if seconds else None,
        median(dense_seconds) if dense_seconds else None,
        recorder.bytes_read,
        recorder.dense_bytes,
        recorder.trace(_header(weights, settings, sparse, tokenizer_hash)),
    )


def _written(
    runner: ModelRunner, prompt: Sequence[int], count: int, recorder: AttentionRecorder | None = None
) -> tuple[list[int], list[float]]:
    """Go on with a prompt greedily; the tokens, and the seconds of each step behind the prompt."""
    tokens = [int(runner.forward(prompt, rows=1)[0].argmax())]
    seconds = []
    while len(tokens) < count and tokens[-1] not in runner.end_tokens:
        start = time.perf_counter()
        logits = runner.forward(tokens[-1:], rows=1)
        tokens.append(int(logits[0].argmax()))
        seconds.append(time.perf_counter() - start)
        if recorder is not None:
            recorder.take()
    return tokens, seconds


def _same_choice(runner: MaskedRunner, settings: SparseSettings, prompt: int, text: Sequence[int]) -> float:
    """Share of a text's tokens that the sparse model would write there, the first from a dense prompt.

    The runner has read the prompt's tokens densely.
    """
    if len(text) == 1:
        return 1.0
    runner.settings = settings
    runner.roll_back(prompt)
    found = runner.forward(text[:-1]).argmax(-1).tolist()
    same = [one == other for one, other in zip(found, text[1:], strict=True)]
    return float((1 + sum(same)) / len(text))


def _header(
    weights: LlamaWeights, settings: SparseSettings, runner: SparseRunner, tokenizer_hash: str
) -> AttentionHeader:
    paging = settings.paging
    return AttentionHeader(
        model=weights.name,
        queries=weights.heads // weights.key_value_heads,
        page=paging.page,
        budget=paging.budget,
        sink=paging.window.sink,
        recent=paging.window.recent,
        tokenizer_hash=tokenizer_hash,
        mode="greedy",
        temperature=1.0,
        seed=0,
        prompts="one prompt",
        tool_version=__version__,
        notes=f"{str(runner.dtype).removeprefix('torch.')} on {runner.device.type}; the prompt was read densely",
    )
