"""Recording of tree traces: what a guesser says at every point of what the target writes."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from ahasd import __version__
from ahasd.decoding.backend import torch
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.models.shared_vocabulary import tokenizer_hash
from ahasd.decoding.prompts.encoding import encode
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.checkpoint import Checkpoint, Rows, prompts_digest, weights_digest
from ahasd.decoding.recording.continuation import Continuation, continue_prompt
from ahasd.decoding.recording.recorder import Progress
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.trees.guessing.guesser import TreeGuesser
from ahasd.errors import AhasdError
from ahasd.traces.header import Mode
from ahasd.traces.tree.checks import NOTHING
from ahasd.traces.tree.header import TreeHeader
from ahasd.traces.tree.trace import TreeTrace

#: Tokens of an early layer that are kept (ours); the facts of arXiv 2402.13485 are about its first 50.
EARLY_TOP = 64


def record_tree(
    target: LanguageModel | str | Path,
    guesser: TreeGuesser,
    prompts: Sequence[Prompt],
    *,
    mode: Mode,
    temperature: float = 1.0,
    tokens_per_prompt: int = 128,
    seed: int = 0,
    early_layers: Sequence[int] = (),
    early_top: int = EARLY_TOP,
    prompts_source: str = "unnamed",
    progress: Progress = lambda done, total: None,
    checkpoint: str | Path | None = None,
) -> TreeTrace:
    """Record what is guessed at every point of what the target writes by itself.

    Parameters
    ----------
    target
        A folder or name, or a model already loaded.
    guesser
        Of the target; it always guesses as many tokens with as many candidates (not prompt lookup).
    prompts
        Their first turns are continued, as they are.
    mode, temperature, tokens_per_prompt, seed
        See `RecordSettings`. What the guesser says is at temperature 1.
    early_layers
        Layers after which the target's own last norm and output rows make an early guess, counted from 1, rising.
    early_top
        Tokens of each that are kept.
    prompts_source
        Where the prompts came from, in words.
    progress
        Told how many points are done, and of how many.
    checkpoint
        A file that keeps every finished prompt; see `ahasd.decoding.recording.recorder.record`.

    Returns
    -------
    TreeTrace
        One row per token of the continuations.

    Raises
    ------
    AhasdError
        If a setting is out of range, the guesser copies, the target has no such layer, there is no prompt, a prompt
        has no tokens or does not fit the target's context, or the checkpoint belongs to another recording.
    """
    settings = RecordSettings(mode, temperature, tokens_per_prompt=tokens_per_prompt, seed=seed)
    if guesser.is_free:
        raise AhasdError(
            f"'{guesser.name}' does not guess at every point, and a tree trace has guesses at each; record heads"
        )
    target = target if isinstance(target, LanguageModel) else load_language_model(target)
    layers = tuple(early_layers)
    if layers and early_top < 1:
        raise AhasdError(f"early_top is {early_top}; must be at least 1")
    count = int(target.model.config.get_text_config().num_hidden_layers)
    if list(layers) != sorted(set(layers)) or any(not 1 <= layer < count for layer in layers):
        raise AhasdError(f"early layers are {layers}; must be of 1 to {count - 1}, rising")
    encoded = [
        encode(prompt, number, (target,), settings, drafts=False) for number, prompt in enumerate(prompts, 1)
    ]
    if not encoded:
        raise AhasdError("no prompts to record from; give at least one")
    header = TreeHeader(
        model=target.name,
        heads=guesser.name,
        early_layers=layers,
        tokenizer_hash=tokenizer_hash(target),
        mode=mode,
        temperature=temperature,
        seed=seed,
        prompts=prompts_source,
        tool_version=__version__,
        notes=f"{str(target.model.dtype).removeprefix('torch.')} on {target.model.device.type}"
        + ("; guesses of a depth follow the first ones before it" if guesser.along_path else ""),
    )
    identity = header.to_metadata() | {
        "tokens per prompt": str(tokens_per_prompt),
        "texts of prompts": prompts_digest(encoded),
        "weights of the target": weights_digest(target),
        "accuracy of the guesser": str(guesser.prior),
        "early top": str(early_top),
    }
    kept = nullcontext() if checkpoint is None else Checkpoint(Path(checkpoint), identity)
    parts: list[Rows] = []
    with torch.inference_mode(), kept as done:
        writer = build_runner(target)
        for index, prompt in enumerate(encoded):
            rows = None if done is None else done.get(index)
            if rows is None:
                text = continue_prompt(writer, prompt, index, target.vocabulary_size, settings)
                rows = _record_text(target, guesser, text, layers, early_top)
                if done is not None:
                    done.put(index, rows)
            parts.append(rows)
            progress((index + 1) * tokens_per_prompt, len(encoded) * tokens_per_prompt)
    starts = np.cumsum([0, *(len(part["taken"]) for part in parts)]).astype(np.int32)
    joined: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return TreeTrace(header, prompt_start=starts, **joined)


def _record_text(
    target: LanguageModel,
    guesser: TreeGuesser,
    text: Continuation,
    layers: tuple[int, ...],
    early_top: int,
) -> Rows:
    """Give the rows of one text: its points are its tokens, each the root of one."""
    whole, first = [*text.prompt, *text.tokens], len(text.prompt)
    ids = torch.tensor([whole], device=target.model.device)
    levels = target.model.model(ids, output_hidden_states=bool(layers), use_cache=False)
    states = levels.last_hidden_state[0]
    guesser.start(1)
    guesser.read(0, whole[:first], states[:first] if guesser.reads_states else None)
    candidates, probability, taken = [], [], []
    for point, place in enumerate(range(first, len(whole))):
        guess = guesser.guess([whole[: place + 1]], guesser.depth)[0]
        candidates.append(guess.candidates)
        probability.append(guess.probability)
        following = text.tokens[point + 1 : point + 1 + guesser.depth]
        taken.append([*following, *[NOTHING] * (guesser.depth - len(following))])
        guesser.read(0, whole[place : place + 1], states[place : place + 1] if guesser.reads_states else None)
    rows = {
        "candidates": np.asarray(candidates, np.int32),
        "probability": _falling(np.asarray(probability)),
        "taken": np.asarray(taken, np.int32),
    }
    if layers:
        states_of_layers = [levels.hidden_states[layer][0, first:] for layer in layers]
        rows["early"] = _early(target, states_of_layers, early_top)
    return rows


def _falling(probability: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Round down to half precision, in which the sum of a row is then at most 1."""
    half = probability.astype(np.float16)
    return np.where(half > probability, np.nextafter(half, np.float16(0)), half).astype(np.float16)


def _early(target: LanguageModel, states: Sequence[Any], top: int) -> np.ndarray[Any, Any]:
    """Give the likeliest tokens behind every point by early states, (points, layers, tokens)."""
    model = target.model
    found = [
        model.lm_head(model.model.norm(each)).topk(min(top, target.vocabulary_size)).indices
        for each in states
    ]
    return np.asarray(torch.stack(found, 1).cpu().numpy().astype(np.int32))
