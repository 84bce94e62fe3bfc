"""The target's own text, many texts at once, with what it thought of every token.

One batch of texts runs through one lean forward; a text that ends makes room for the next prompt. On one core this is
some ten times as fast as text by text, and gives the distributions to distil from for nothing.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ahasd.decoding.models.llama_weights import LlamaWeights

_linear = torch.nn.functional.linear
_rms_norm = torch.nn.functional.rms_norm
_attention = torch.nn.functional.scaled_dot_product_attention

#: Tokens of the target's distribution that are kept per position; they hold 93 % of its mass on average.
KEPT = 32


@dataclass(slots=True)
class Written:
    """Texts of the target.

    Attributes
    ----------
    tokens
        Prompts and continuations, one after another, (tokens,).
    lengths, prompt_lengths
        Tokens of each text, and of its prompt.
    kept_tokens, kept_probabilities
        Behind every token, the most likely next ones and their probabilities at temperature 1, (tokens, KEPT);
        zeros within a prompt.
    """

    tokens: NDArray[np.uint16]
    lengths: NDArray[np.int32]
    prompt_lengths: NDArray[np.int32]
    kept_tokens: NDArray[np.uint16]
    kept_probabilities: NDArray[np.float16]

    def save(self, path: Path) -> None:
        """Write all of it into one .npz file."""
        np.savez(path, **{name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def load(cls, path: Path) -> "Written":
        """Read such a file."""
        with np.load(path) as file:
            return cls(**{name: file[name] for name in cls.__slots__})


class _Row:
    """A text that is being written."""

    def __init__(self, prompt: Sequence[int], temperature: float) -> None:
        self.tokens = list(prompt)
        self.prompt_length = len(self.tokens)
        self.temperature = temperature
        self.parts: list[tuple[NDArray[np.uint16], NDArray[np.float16]]] = []


class BatchWriter:
    """Rows of one static cache; every row is a text of its own length."""

    def __init__(self, weights: LlamaWeights, rows: int, capacity: int) -> None:
        self._weights = weights
        shape = (len(weights.layers), rows, weights.key_value_heads, capacity, weights.head_width)
        self._keys, self._values = torch.zeros(shape), torch.zeros(shape)
        angles = torch.arange(capacity).float()[:, None] * weights.frequencies
        self._cosine, self._sine = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)

    def forward(self, rows: torch.Tensor, tokens: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
        """Append tokens (rows, new) to rows of the cache that hold `starts` tokens; logits behind the last ones."""
        weights = self._weights
        batch, new = tokens.shape
        positions = starts[:, None] + torch.arange(new)
        end = int(positions.max()) + 1
        mask = (torch.arange(end)[None, None] <= positions[:, :, None])[:, None]
        cosine, sine = self._cosine[positions][:, :, None], self._sine[positions][:, :, None]
        slots = rows[:, None].expand(batch, new)
        whole = batch == self._keys.shape[1]
        x = torch.nn.functional.embedding(tokens, weights.embedding)
        shape = (weights.embedding.shape[1],)
        heads, width = weights.heads, weights.head_width
        for index, layer in enumerate(weights.layers):
            h = _rms_norm(x, shape, layer.attention_norm, weights.epsilon)
            h = torch.cat([_linear(h, weight, bias) for weight, bias in layer.attention_in], -1)
            h = h.view(batch, new, -1, width)
            turned = h[:, :, : heads + weights.key_value_heads]
            first, second = turned.chunk(2, -1)
            turned = turned * cosine + torch.cat([-second, first], -1) * sine
            keys, values = self._keys[index], self._values[index]
            keys[slots, :, positions] = turned[:, :, heads:]
            values[slots, :, positions] = h[:, :, heads + weights.key_value_heads :]
            seen_keys, seen_values = keys[:, :, :end], values[:, :, :end]
            if not whole:
                seen_keys, seen_values = seen_keys[rows], seen_values[rows]
            h = _attention(
                turned[:, :, :heads].transpose(1, 2), seen_keys, seen_values, attn_mask=mask, enable_gqa=True
            )
            x = x + h.transpose(1, 2).reshape(batch, new, -1) @ layer.attention_out
            h = _rms_norm(x, shape, layer.mlp_norm, weights.epsilon)
            gate, up = torch.cat([_linear(h, weight, bias) for weight, bias in layer.mlp_in], -1).chunk(2, -1)
            x = x + (torch.nn.functional.silu(gate) * up) @ layer.mlp_out
        return _linear(_rms_norm(x[:, -1], shape, weights.norm, weights.epsilon), weights.head)


def write(
    weights: LlamaWeights,
    prompts: Sequence[Sequence[int]],
    temperatures: Sequence[float],
    *,
    new_tokens: int,
    rows: int,
    seed: int,
    name: str,
) -> Written:
    """Continue every prompt by sampling until the target ends it, or for `new_tokens` tokens.

    Parameters
    ----------
    temperatures
        One per prompt; 0 takes the most likely token.
    rows
        Texts that are written at once.
    """
    generator = torch.Generator().manual_seed(seed)
    waiting: Iterator[tuple[Sequence[int], float]] = iter(zip(prompts, temperatures, strict=True))
    writer = BatchWriter(weights, rows, max(map(len, prompts)) + new_tokens)
    running: dict[int, _Row] = {}
    logits = torch.zeros(rows, weights.head.shape[0])
    done: list[_Row] = []
    begin, steps, count = time.monotonic(), 0, 0
    with torch.inference_mode():
        while True:
            for slot in range(rows):
                if slot not in running and (following := next(waiting, None)) is not None:
                    running[slot] = begun = _Row(*following)
                    logits[slot] = writer.forward(
                        torch.tensor([slot]), torch.tensor([begun.tokens]), torch.tensor([0])
                    )[0]
            if not running:
                break
            slots = sorted(running)
            chosen = [running[slot] for slot in slots]
            active = logits[slots]
            top, kept = active.topk(KEPT)
            probabilities = (top - active.logsumexp(-1, keepdim=True)).exp()
            drawn = _draw(active, torch.tensor([row.temperature for row in chosen]), generator)
            starts = torch.tensor([len(row.tokens) for row in chosen])
            ends = weights.end_tokens
            for index, row in enumerate(chosen):
                row.tokens.append(int(drawn[index]))
                row.parts.append(
                    (kept[index].numpy().astype(np.uint16), probabilities[index].numpy().astype(np.float16))
                )
                if row.tokens[-1] in ends or len(row.tokens) - row.prompt_length >= new_tokens:
                    done.append(row)
                    del running[slots[index]]
            going = [index for index, slot in enumerate(slots) if slot in running]
            if going:
                going_slots = torch.tensor(slots)[going]
                logits[going_slots] = writer.forward(going_slots, drawn[going][:, None], starts[going])
            steps, count = steps + 1, count + len(slots)
            if steps % 50 == 0:
                seconds = time.monotonic() - begin
                print(
                    f"{name}: {count} tokens, {len(done)} of {len(prompts)} texts, {seconds:.0f} s, "
                    f"{count / seconds:.0f} tokens/s",
                    flush=True,
                )
    return _collect(done)


def _draw(logits: torch.Tensor, temperatures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    drawn = logits.argmax(-1)
    warm = (temperatures > 0).nonzero()[:, 0]
    if len(warm):
        # Where a uniform number falls in the sums of the probabilities: a sixth of the time of torch.multinomial.
        sums = (logits[warm] / temperatures[warm, None]).softmax(-1).cumsum(-1)
        level = torch.rand(len(warm), 1, generator=generator) * sums[:, -1:]
        drawn[warm] = torch.searchsorted(sums, level, right=True)[:, 0].clamp_max(logits.shape[1] - 1)
    return drawn


def _collect(rows: Sequence[_Row]) -> Written:
    kept_tokens: list[NDArray[Any]] = []
    kept_probabilities: list[NDArray[Any]] = []
    for row in rows:
        # Behind the tokens of the prompt but the last, and behind the last token of the text, nothing is known.
        before, after = np.zeros((row.prompt_length - 1, KEPT)), np.zeros((1, KEPT))
        kept_tokens += [before, np.stack([part[0] for part in row.parts]), after]
        kept_probabilities += [before, np.stack([part[1] for part in row.parts]), after]
    return Written(
        tokens=np.concatenate([np.asarray(row.tokens, np.uint16) for row in rows]),
        lengths=np.asarray([len(row.tokens) for row in rows], np.int32),
        prompt_lengths=np.asarray([row.prompt_length for row in rows], np.int32),
        kept_tokens=np.concatenate(kept_tokens).astype(np.uint16),
        kept_probabilities=np.concatenate(kept_probabilities).astype(np.float16),
    )
