"""Recording of routing traces from a real mixture of experts."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from ahasd import __version__
from ahasd.decoding.backend import torch
from ahasd.decoding.experts.routed_layers import MOST_AHEAD, routed_layers
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.models.shared_vocabulary import tokenizer_hash
from ahasd.decoding.models.transformers_runner import TransformersRunner
from ahasd.decoding.prompts.encoding import encode
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.checkpoint import Checkpoint, Rows, prompts_digest, weights_digest
from ahasd.decoding.recording.continuation import continue_prompt
from ahasd.decoding.recording.recorder import Progress
from ahasd.decoding.recording.routing_watch import RoutingWatch
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError
from ahasd.traces.header import Mode
from ahasd.traces.routing.header import RoutingHeader
from ahasd.traces.routing.trace import RoutingTrace


def record_routing(
    model: LanguageModel | str | Path,
    prompts: Sequence[Prompt],
    *,
    mode: Mode,
    temperature: float = 1.0,
    tokens_per_prompt: int = 128,
    seed: int = 0,
    top: int | None = None,
    ahead: int = MOST_AHEAD,
    prompts_source: str = "unnamed",
    progress: Progress = lambda done, total: None,
    checkpoint: str | Path | None = None,
) -> RoutingTrace:
    """Record which experts a mixture chooses while it continues prompts.

    A prompt's tokens are its prefix, computed in one pass, and those of its continuation that the model has consumed:
    all but the last, which nothing follows.

    Parameters
    ----------
    model
        A mixture of experts of transformers: a folder, or a model already loaded. It is run whole, in memory.
    prompts
        Their first turns are continued, as they are.
    mode, temperature, tokens_per_prompt, seed
        See `RecordSettings`.
    top
        Scores to keep of each router and token, the highest; None for all.
    ahead
        Layers to look ahead, 0 to 3: what their gates choose already from this layer's hidden state.
    prompts_source
        Where the prompts came from, in words.
    progress
        Told how many tokens of the continuations are done, and of how many.
    checkpoint
        A file that keeps every finished prompt; see `ahasd.decoding.recording.recorder.record`.

    Returns
    -------
    RoutingTrace

    Raises
    ------
    AhasdError
        If a setting is out of range, the model is no mixture that can be read, there is no prompt, a prompt has no
        tokens or does not fit the model's context, or the checkpoint belongs to another recording.
    """
    settings = RecordSettings(mode, temperature, tokens_per_prompt=tokens_per_prompt, seed=seed)
    if tokens_per_prompt < 2:
        raise AhasdError(f"tokens per prompt is {tokens_per_prompt}; a routing trace needs at least 2")
    if not 0 <= ahead <= MOST_AHEAD:
        raise AhasdError(f"ahead is {ahead}; must be 0 to {MOST_AHEAD}")
    model = model if isinstance(model, LanguageModel) else load_language_model(model)
    layers = routed_layers(model.model, model.name)
    if top is not None and not layers[0].chosen <= top <= layers[0].count:
        raise AhasdError(
            f"scores to keep are {top}; must be {layers[0].chosen} (chosen) to {layers[0].count} (experts)"
        )
    encoded = [
        encode(prompt, number, (model,), settings, drafts=False) for number, prompt in enumerate(prompts, 1)
    ]
    if not encoded:
        raise AhasdError("no prompts to record from; give at least one")
    header = RoutingHeader(
        model=model.name,
        experts=layers[0].count,
        layers=tuple(layer.layer for layer in layers),
        tokenizer_hash=tokenizer_hash(model),
        mode=mode,
        temperature=temperature,
        seed=seed,
        prompts=prompts_source,
        tool_version=__version__,
        notes=f"{str(model.model.dtype).removeprefix('torch.')} on {model.model.device.type}",
    )
    identity = header.to_metadata() | {
        "tokens per prompt": str(tokens_per_prompt),
        "texts of prompts": prompts_digest(encoded),
        "weights of the model": weights_digest(model),
        "scores to keep": str(top),
        "layers to look ahead": str(ahead),
    }
    kept = nullcontext() if checkpoint is None else Checkpoint(Path(checkpoint), identity)
    parts: list[Rows] = []
    with torch.inference_mode(), kept as done, RoutingWatch(layers, top, ahead) as watch:
        runner = TransformersRunner(model)
        for index, prompt in enumerate(encoded):
            rows = None if done is None else done.get(index)
            if rows is None:
                rows = _record_prompt(runner, watch, prompt, index, settings)
                if done is not None:
                    done.put(index, rows)
            parts.append(rows)
            progress((index + 1) * tokens_per_prompt, len(encoded) * tokens_per_prompt)
    return _trace(header, encoded, parts)


def _record_prompt(
    runner: ModelRunner, watch: RoutingWatch, prompt: list[int], index: int, settings: RecordSettings
) -> Rows:
    continue_prompt(runner, prompt, index, runner.vocabulary_size, settings)
    return watch.take()


def _trace(header: RoutingHeader, prompts: Sequence[Sequence[int]], parts: Sequence[Rows]) -> RoutingTrace:
    starts = np.cumsum([0, *(len(part["chosen"]) for part in parts)])
    return RoutingTrace(
        header,
        prompt_start=starts.astype(np.int32),
        continuation_start=(starts[:-1] + [len(prompt) for prompt in prompts]).astype(np.int32),
        **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
    )
