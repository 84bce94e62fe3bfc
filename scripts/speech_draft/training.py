"""Training of the draft's layers on what the target wrote, by its own distributions."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ahasd.decoding.speech.drafts.shared_encoder import OWN_PARTS
from ahasd.decoding.speech.runner.decoder_weights import Affine, DecoderLayer, DecoderWeights

_linear, _norm = torch.nn.functional.linear, torch.nn.functional.layer_norm
_attention = torch.nn.functional.scaled_dot_product_attention


@dataclass(frozen=True, slots=True)
class Example:
    """A clip as the draft learns from it.

    Parameters
    ----------
    keys, values
        Of the sound, per layer of the draft, (heads, frames, head width), float16.
    tokens
        Read by the draft.
    taught
        (tokens,) whether the target's own next token is named and behind the prompt.
    goals
        (tokens, named) the target's log probabilities of what the draft names, in float16.
    wanted
        (tokens,) column of the target's own next token.
    """

    keys: Any
    values: Any
    tokens: Any
    taught: Any
    goals: Any
    wanted: Any


def first_weights(target: DecoderWeights, hears: Sequence[int], named: Any) -> DecoderWeights:
    """Begin with copies of the target's layers and norm, and the rows of its output that are named."""
    layers = [
        DecoderLayer(
            heard=target.layers[layer].heard,
            **{part: _copy(getattr(target.layers[layer], part)) for part in OWN_PARTS},
        )
        for layer in hears
    ]
    return DecoderWeights(
        target.embedding,
        target.positions,
        layers,
        _copy(target.norm),
        target.head[named],
        target.heads,
        named,
    )


def examples(clips: Sequence[dict[str, Any]], target: DecoderWeights, hears: Sequence[int], named: Any,
             prompt: int) -> list[Example]:  # fmt: skip
    """Make examples of clips."""
    column = torch.full((len(target.embedding),), -1)
    column[named] = torch.arange(len(named))
    found = []
    with torch.no_grad():
        for clip in clips:
            states, tokens = clip["states"].float(), clip["tokens"].long()
            keys, values = [], []
            for layer in hears:
                heard = target.layers[layer].heard
                both = _linear(states, heard.weight, heard.bias).view(len(states), 2, target.heads, -1)
                keys.append(both[:, 0].transpose(0, 1).half())
                values.append(both[:, 1].transpose(0, 1).half())
            goals = torch.log_softmax(clip["hidden"] @ target.head[named].t(), -1).half()
            wanted = column[tokens[prompt:]]
            found.append(Example(keys, values, tokens[:-1], wanted >= 0, goals, wanted))
    return found


def train(
    weights: DecoderWeights,
    data: Sequence[Example],
    epochs: int,
    rate: float,
    seed: int,
    say: Callable[[str], None],
) -> None:
    """Train in place: the divergence from the target's distribution, by AdamW with a cosine to zero."""
    parameters = [
        tensor.requires_grad_()
        for part in [weights.norm, *(getattr(layer, name) for layer in weights.layers for name in OWN_PARTS)]
        for tensor in (part.weight, part.bias)
    ]
    optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    draws, steps, done = random.Random(seed), epochs * len(data), 0
    for epoch in range(epochs):
        total = 0.0
        for place in draws.sample(range(len(data)), len(data)):
            warm = min(1.0, (done + 1) / 50)
            for group in optimiser.param_groups:
                group["lr"] = rate * warm * 0.5 * (1 + math.cos(math.pi * done / steps))
            loss = _loss(weights, data[place])
            loss.backward()
            total += float(loss.detach())
            done += 1
            if done % 4 == 0 or done == steps:
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
        say(f"epoch {epoch + 1} of {epochs}: loss {total / len(data):.3f}")
    for parameter in parameters:
        parameter.requires_grad_(False)


def agreement(weights: DecoderWeights, data: Sequence[Example]) -> float:
    """Give the share of all tokens behind the prompt that the draft names and finds likeliest too."""
    right = every = 0
    with torch.no_grad():
        for example in data:
            found = _logits(weights, example)[-len(example.wanted) :].argmax(-1)
            right += int((found == example.wanted).sum())
            every += len(example.wanted)
    return right / every


def _loss(weights: DecoderWeights, example: Example) -> Any:
    logits = _logits(weights, example)[-len(example.wanted) :][example.taught]
    goals = example.goals[example.taught].float()
    return torch.nn.functional.kl_div(
        torch.log_softmax(logits, -1), goals, log_target=True, reduction="batchmean"
    )


def _logits(weights: DecoderWeights, example: Example) -> Any:
    """Give logits (tokens, named)."""
    tokens, heads = example.tokens, weights.heads
    x = weights.embedding[tokens] + weights.positions[: len(tokens)]
    for layer, keys, values in zip(weights.layers, example.keys, example.values, strict=True):
        joined = _apply(_normed(x, layer.text_norm), layer.qkv).view(len(tokens), 3, heads, -1)
        query, key, value = joined.permute(1, 2, 0, 3)
        seen = _attention(query[None], key[None], value[None], is_causal=True)[0]
        x = x + _apply(seen.transpose(0, 1).reshape(x.shape), layer.text_out)
        query = _apply(_normed(x, layer.sound_norm), layer.query).view(len(tokens), heads, -1).transpose(0, 1)
        seen = _attention(query[None], keys.float()[None], values.float()[None])[0]
        x = x + _apply(seen.transpose(0, 1).reshape(x.shape), layer.sound_out)
        h = torch.nn.functional.gelu(_apply(_normed(x, layer.inner_norm), layer.inner))
        x = x + _apply(h, layer.outer)
    return _linear(_normed(x, weights.norm), weights.head)


def _apply(x: Any, part: Affine) -> Any:
    return _linear(x, part.weight, part.bias)


def _normed(x: Any, part: Affine) -> Any:
    return _norm(x, part.weight.shape, part.weight, part.bias)


def _copy(part: Affine) -> Affine:
    return Affine(part.weight.clone(), part.bias.clone())
