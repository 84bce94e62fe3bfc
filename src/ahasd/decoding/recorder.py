"""Recording of rollout traces from two real models."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ahasd import __version__
from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.continuation import continue_prompt
from ahasd.decoding.encoding import encode
from ahasd.decoding.language_model import LanguageModel, load_language_model
from ahasd.decoding.prefix_cache import cache_of
from ahasd.decoding.prompts import Prompt
from ahasd.decoding.rollout import roll_out
from ahasd.decoding.settings import RecordSettings
from ahasd.decoding.shared_vocabulary import shared_vocabulary, tokenizer_hash
from ahasd.errors import AhasdError
from ahasd.traces.coins import draw_coins
from ahasd.traces.rollout import Mode, RolloutTrace, TraceHeader

Progress = Callable[[int, int], None]
"""Called with the positions that are done and those there are in all."""


def record(
    target: LanguageModel | str | Path,
    draft: LanguageModel | str | Path,
    prompts: Sequence[Prompt],
    *,
    mode: Mode,
    temperature: float = 1.0,
    steps: int = 16,
    tokens_per_prompt: int = 200,
    seed: int = 0,
    batch_size: int = 64,
    prompts_source: str = "unnamed",
    progress: Progress = lambda done, total: None,
) -> RolloutTrace:
    """Record what the draft proposes at every position of what the target writes.

    The target continues each prompt by itself (argmax or sampling). From every position of that continuation
    the draft runs `steps` steps along its own path; the target is evaluated on the same path. A coin is drawn
    for each step from its acceptance probability, whatever came of the steps before it. Where the draft has an
    acceptance head, its prediction for the token of each step is recorded too: `predicted_acceptance` of step j
    is read off the draft's state after it has consumed that token, so it exists one draft step later. Prompts
    are encoded as they are: a chat template, where a model wants one, must have been applied.

    Parameters
    ----------
    target, draft
        Two causal language models with one tokenizer: folders, or models already loaded.
    prompts
        Their first turns are continued.
    mode, temperature, steps, tokens_per_prompt, seed, batch_size
        See `RecordSettings`. Entropies and probabilities are those at `temperature`, in greedy mode too.
    prompts_source
        Where the prompts came from, in words, for the trace's header.
    progress
        Told how far the recording is.

    Returns
    -------
    RolloutTrace
        One row per token of the continuations.

    Raises
    ------
    AhasdError
        If a setting is out of range, a model cannot be loaded, the tokenizers differ, there is no prompt, a
        prompt has no tokens, or prompt and continuation exceed the context of a model.
    """
    settings = RecordSettings(mode, temperature, steps, tokens_per_prompt, seed, batch_size)
    target = target if isinstance(target, LanguageModel) else load_language_model(target)
    draft = draft if isinstance(draft, LanguageModel) else load_language_model(draft)
    vocabulary = shared_vocabulary(target, draft)
    encoded = [encode(prompt, number, (target, draft), settings) for number, prompt in enumerate(prompts, 1)]
    if not encoded:
        raise AhasdError("no prompts to record from; give at least one")

    recorded: list[_Recorded] = []
    total = len(encoded) * tokens_per_prompt
    with torch.inference_mode():
        for index, prompt in enumerate(encoded):
            for done, part in _record_prompt(target, draft, prompt, index, vocabulary, settings):
                recorded.append(part)
                progress(index * tokens_per_prompt + done, total)
            progress((index + 1) * tokens_per_prompt, total)
    header = TraceHeader(
        draft=draft.name,
        target=target.name,
        tokenizer_hash=tokenizer_hash(target),
        mode=mode,
        temperature=temperature,
        seed=seed,
        prompts=prompts_source,
        tool_version=__version__,
        notes=_notes(target, draft, settings),
    )
    lengths = [sum(len(part.accepted) for part in recorded if part.prompt == i) for i in range(len(encoded))]
    return RolloutTrace(
        header=header,
        entropy=np.concatenate([part.entropy for part in recorded]),
        draft_probability=np.concatenate([part.draft_probability for part in recorded]),
        acceptance_probability=np.concatenate([part.acceptance_probability for part in recorded]),
        accepted=np.concatenate([part.accepted for part in recorded]),
        target_entropy=np.concatenate([part.target_entropy for part in recorded]),
        prompt_start=np.cumsum([0, *lengths]).astype(np.int32),
        predicted_acceptance=_joined([part.predicted_acceptance for part in recorded]),
    )


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Some consecutive rows of the trace, all of one prompt."""

    prompt: int
    entropy: npt.NDArray[np.float16]
    draft_probability: npt.NDArray[np.float16]
    acceptance_probability: npt.NDArray[np.float16]
    accepted: npt.NDArray[np.uint8]
    target_entropy: npt.NDArray[np.float16]
    predicted_acceptance: npt.NDArray[np.float16] | None


def _joined(parts: list[npt.NDArray[np.float16] | None]) -> npt.NDArray[np.float16] | None:
    """Join what every part has or none."""
    kept = [part for part in parts if part is not None]
    return np.concatenate(kept) if kept else None


def _record_prompt(
    target: LanguageModel,
    draft: LanguageModel,
    prompt: list[int],
    index: int,
    vocabulary: int,
    settings: RecordSettings,
) -> Iterator[tuple[int, _Recorded]]:
    """Yield the rows of one prompt batch by batch, with the number of rows done."""
    text = continue_prompt(target, prompt, index, vocabulary, settings)
    draft_cache = cache_of(draft, [*text.prompt, *text.tokens[:-1]])
    count = len(text.tokens)
    for start in range(0, count, settings.batch_size):
        positions = range(start, min(start + settings.batch_size, count))
        rows = roll_out(target, draft, text, draft_cache, positions, index, vocabulary, settings)
        # The coins are thrown for the probabilities as the file keeps them, one stream per position.
        acceptance = rows.acceptance_probability.astype(np.float16)
        coins = [
            draw_coins(row, settings.seed, "recorded", index, position)
            for row, position in zip(acceptance, positions, strict=True)
        ]
        yield (
            positions.stop,
            _Recorded(
                index,
                rows.entropy.astype(np.float16),
                rows.draft_probability.astype(np.float16),
                acceptance,
                np.stack(coins).astype(np.uint8),
                np.asarray(text.entropies[positions.start : positions.stop], dtype=np.float16),
                None if rows.predicted_acceptance is None else rows.predicted_acceptance.astype(np.float16),
            ),
        )


def _notes(target: LanguageModel, draft: LanguageModel, settings: RecordSettings) -> str:
    head = draft.acceptance_head
    said = (
        "" if head is None else f"predicted acceptance by a head of {len(head.blocks)} blocks (SpecDec++); "
    )
    return said + (
        f"draft entropies and probabilities at temperature {settings.temperature:g}; "
        f"at most {settings.tokens_per_prompt} tokens per prompt; "
        f"target {target.model.dtype}, draft {draft.model.dtype} on {target.model.device.type}; "
        f"torch {torch.__version__}, transformers {transformers.__version__}"
    )
