"""Recording of rollout traces from two real models."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd import __version__
from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.models.prefix_cache import cache_of
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.models.shared_vocabulary import tokenizer_hash
from ahasd.decoding.prompts.encoding import encode
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.checkpoint import Checkpoint, Rows, prompts_digest, weights_digest
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.rolled_draft import ModelDraft, RolledDraft, StateDraft
from ahasd.decoding.recording.rollout import roll_out
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError
from ahasd.traces.rollout.coins import draw_coins
from ahasd.traces.rollout.rollout import Mode, RolloutTrace, TraceHeader

#: Called with the positions that are done and those there are in all.
Progress = Callable[[int, int], None]


def record(
    target: LanguageModel | str | Path,
    draft: LanguageModel | OneLayerDraft | str | Path,
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
    checkpoint: str | Path | None = None,
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
        Two causal language models with one tokenizer: folders, or models already loaded. Or, in place of the
        second, a draft of one layer of the target, which starts at every position with the target's state there.
    prompts
        Their first turns are continued.
    mode, temperature, steps, tokens_per_prompt, seed, batch_size
        See `RecordSettings`. Entropies and probabilities are those at `temperature`, in greedy mode too.
    prompts_source
        Where the prompts came from, in words, for the trace's header.
    progress
        Told how far the recording is.
    checkpoint
        A file that keeps every finished prompt (`ahasd.decoding.recording.checkpoint`): the same call goes on where
        an interrupted one stopped, and gives the same trace. It stays when all is recorded; delete it once the
        trace is saved.

    Returns
    -------
    RolloutTrace
        One row per token of the continuations.

    Raises
    ------
    AhasdError
        If a setting is out of range, a model cannot be loaded, the tokenizers differ, there is no prompt, a
        prompt has no tokens, prompt and continuation exceed the context of a model, or the checkpoint belongs
        to another recording or cannot be used.
    """
    settings = RecordSettings(mode, temperature, steps, tokens_per_prompt, seed, batch_size)
    target = target if isinstance(target, LanguageModel) else load_language_model(target)
    rolled = _rolled(draft)
    vocabulary = rolled.vocabulary(target)
    models = (target, *rolled.models())
    encoded = [encode(prompt, number, models, settings) for number, prompt in enumerate(prompts, 1)]
    if not encoded:
        raise AhasdError("no prompts to record from; give at least one")

    header = TraceHeader(
        draft=rolled.name,
        target=target.name,
        tokenizer_hash=tokenizer_hash(target),
        mode=mode,
        temperature=temperature,
        seed=seed,
        prompts=prompts_source,
        tool_version=__version__,
        notes=_notes(target, rolled, settings),
    )
    kept = (
        nullcontext()
        if checkpoint is None
        else Checkpoint(Path(checkpoint), _identity(header, target, rolled, encoded, settings))
    )
    parts: list[Rows] = []
    total = len(encoded) * tokens_per_prompt
    with torch.inference_mode(), kept as done:
        writer = build_runner(target)
        rolled.check()
        for index, prompt in enumerate(encoded):
            before = index * tokens_per_prompt
            rows = None if done is None else done.get(index)
            if rows is None:
                advance = partial(_advance, progress, before, total)
                rows = _record_prompt(target, rolled, prompt, index, writer, vocabulary, settings, advance)
                if done is not None:
                    done.put(index, rows)
            parts.append(rows)
            progress(before + tokens_per_prompt, total)
    return RolloutTrace(
        header=header,
        prompt_start=np.cumsum([0, *(len(part["accepted"]) for part in parts)]).astype(np.int32),
        **_joined(parts),
    )


def _rolled(draft: LanguageModel | OneLayerDraft | str | Path) -> RolledDraft:
    if isinstance(draft, OneLayerDraft):
        return StateDraft(draft)
    return ModelDraft(draft if isinstance(draft, LanguageModel) else load_language_model(draft))


def _advance(progress: Progress, before: int, total: int, count: int) -> None:
    progress(before + count, total)


def _joined(parts: Sequence[Rows]) -> dict[str, Any]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _record_prompt(
    target: LanguageModel,
    draft: RolledDraft,
    prompt: list[int],
    index: int,
    writer: ModelRunner,
    vocabulary: int,
    settings: RecordSettings,
    progress: Callable[[int], None],
) -> Rows:
    """Give the rows of one prompt, and tell how many are done after every batch.

    The text comes from the runner that decodes it elsewhere, too. The rollouts are batches of many prefixes of one
    text, which a runner (one text, one cache) does not do; they go through the forward of transformers.
    """
    text = continue_prompt(writer, prompt, index, vocabulary, settings)
    target_cache, read = cache_of(target, text.consumed), draft.read(target, text.consumed)
    count = len(text.tokens)
    parts: list[Rows] = []
    for start in range(0, count, settings.batch_size):
        positions = range(start, min(start + settings.batch_size, count))
        rows = roll_out(target, draft, text, target_cache, read, positions, index, vocabulary, settings)
        # The coins are thrown for the probabilities as the file keeps them, one stream per position.
        acceptance = rows.acceptance_probability.astype(np.float16)
        coins = [
            draw_coins(row, settings.seed, "recorded", index, position)
            for row, position in zip(acceptance, positions, strict=True)
        ]
        part: dict[str, npt.NDArray[Any]] = {
            "entropy": rows.entropy.astype(np.float16),
            "draft_probability": rows.draft_probability.astype(np.float16),
            "acceptance_probability": acceptance,
            "accepted": np.stack(coins).astype(np.uint8),
            "target_entropy": np.asarray(text.entropies[positions.start : positions.stop], dtype=np.float16),
        }
        if rows.predicted_acceptance is not None:
            part["predicted_acceptance"] = rows.predicted_acceptance.astype(np.float16)
        parts.append(part)
        progress(positions.stop)
    return _joined(parts)


def _identity(
    header: TraceHeader,
    target: LanguageModel,
    draft: RolledDraft,
    prompts: Sequence[Sequence[int]],
    settings: RecordSettings,
) -> dict[str, str]:
    """Everything that rows depend on, by name."""
    return header.to_metadata() | {
        "steps": str(settings.steps),
        "tokens per prompt": str(settings.tokens_per_prompt),
        "batch size": str(settings.batch_size),
        "texts of prompts": prompts_digest(prompts),
        "weights of the target": weights_digest(target),
        "weights of the draft": draft.digest(),
    }


def _notes(target: LanguageModel, draft: RolledDraft, settings: RecordSettings) -> str:
    head = draft.head
    said = (
        "" if head is None else f"predicted acceptance by a head of {len(head.blocks)} blocks (SpecDec++); "
    )
    return said + (
        f"draft entropies and probabilities at temperature {settings.temperature:g}; "
        f"at most {settings.tokens_per_prompt} tokens per prompt; "
        f"target {target.model.dtype}, draft {draft.said} on {target.model.device.type}; "
        f"torch {torch.__version__}, transformers {transformers.__version__}"
    )
