"""The text that the target produces: its greedy or sampled continuation of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.distributions import draw, entropy_nats, probabilities, uniform
from ahasd.decoding.language_model import LanguageModel
from ahasd.decoding.prefix_cache import check_cache, forward
from ahasd.decoding.settings import RecordSettings

TEXT_STREAM = 100
"""The stream of random numbers that the text is drawn with (ours)."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """A prompt and what the target made of it.

    Parameters
    ----------
    prompt, tokens
        Token ids of the prompt and of its continuation; neither is empty.
    entropies
        Entropy of the target before each token of the continuation, nats.
    cache
        The target's cache of all tokens but the last one.
    """

    prompt: list[int]
    tokens: list[int]
    entropies: list[float]
    cache: Any


def continue_prompt(
    target: LanguageModel, prompt: Sequence[int], index: int, vocabulary: int, settings: RecordSettings
) -> Continuation:
    """Let the target continue a prompt until it ends the text or `tokens_per_prompt` are reached.

    Parameters
    ----------
    prompt
        Token ids, at least one.
    index
        Number of the prompt, which chooses its random numbers.
    vocabulary
        Number of logits to look at.
    """
    draws = uniform(settings.seed, TEXT_STREAM, index, (settings.tokens_per_prompt,))
    cache = transformers.DynamicCache()
    tokens: list[int] = []
    entropies: list[float] = []
    step = list(prompt)
    for number in draws:
        logits = forward(target, torch.tensor([step], device=target.model.device), cache)
        logits = logits[:, -1, :vocabulary]
        distribution = probabilities(logits, settings.temperature)
        token = logits.argmax(dim=-1) if settings.greedy else draw(distribution, number[None])
        tokens.append(int(token))
        entropies.append(float(entropy_nats(distribution)))
        step = tokens[-1:]
        if tokens[-1] in target.end_tokens:
            break
    check_cache(target, cache, len(prompt) + len(tokens) - 1)
    return Continuation(list(prompt), tokens, entropies, cache)
