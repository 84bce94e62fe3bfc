"""What a decoder hands out: prompts with their new tokens, and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.metrics import DecodingMetrics
from ahasd.decoding.run_steps import RunSteps


@dataclass(frozen=True, slots=True)
class GenerationOutput:
    """What was generated.

    Parameters
    ----------
    sequences
        Prompts as they were given, padding included, and behind them their new tokens, padded on the right: what
        ``generate`` of transformers returns. Lists of different lengths are padded on the left first. An int64
        tensor (prompts, width of the prompts + longest new text) on the device of `input_ids`.
    new_tokens
        The new tokens of each prompt, without padding.
    metrics
        Figures of the whole queue.
    per_prompt
        Figures of each prompt.
    seed
        What the draws were made from.
    steps
        What the models did for each prompt, pass by pass: times of drafting and verification, tokens accepted.
    """

    sequences: Any
    new_tokens: tuple[tuple[int, ...], ...]
    metrics: DecodingMetrics
    per_prompt: tuple[DecodingMetrics, ...]
    seed: int
    steps: tuple[RunSteps, ...] = ()


def padded_sequences(
    prompts: Sequence[Sequence[int]], texts: Sequence[Sequence[int]], padding: int, device: Any
) -> Any:
    """Put texts behind prompts of any length so that all of them begin in the same column.

    Parameters
    ----------
    prompts, texts
        Token ids, as many of one as of the other; at least one.
    padding
        Token before shorter prompts and behind shorter texts.
    device
        Where the tensor goes.
    """
    width, longest = max(map(len, prompts)), max(map(len, texts))
    return torch.tensor(
        [
            [padding] * (width - len(prompt)) + [*prompt, *text] + [padding] * (longest - len(text))
            for prompt, text in zip(prompts, texts, strict=True)
        ],
        device=device,
    )
