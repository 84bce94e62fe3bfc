"""Batches of the target's text together with its states."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from smollm2_draft.training import spans
from smollm2_heads.states import Read

#: Tokens of one batch, padding included.
BATCH_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts of about one length, padded on the right.

    Attributes
    ----------
    tokens
        (texts, length).
    wanted
        Where the target's distribution behind the token is known, (texts, length), bool.
    following
        The token that came next, (texts, length); 0 where there is none.
    kept_tokens, kept_probabilities
        Of the target behind every token, (texts, length, kept); zeros where nothing is known.
    states
        Of the target behind every token, (texts, length, width), float32.
    """

    tokens: torch.Tensor
    wanted: torch.Tensor
    following: torch.Tensor
    kept_tokens: torch.Tensor
    kept_probabilities: torch.Tensor
    states: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Text:
    read: Read
    start: int
    end: int
    prompt: int


def batches(parts: list[Read], seed: int) -> Iterator[Batch]:
    """Yield batches of texts of about one length, pass after pass, for ever."""
    rng = np.random.Generator(np.random.PCG64(seed))
    texts = [_Text(part, *span) for part in parts for span in spans(part.written)]
    while True:
        # A little noise on the lengths, so that no two passes group the texts alike.
        order = np.argsort([(text.end - text.start) * rng.uniform(0.9, 1.1) for text in texts])
        groups: list[list[int]] = [[]]
        for index in order:
            longest = texts[index].end - texts[index].start
            if groups[-1] and (len(groups[-1]) + 1) * longest > BATCH_TOKENS:
                groups.append([])
            groups[-1].append(int(index))
        for group in rng.permutation(len(groups)):
            yield _batch([texts[index] for index in groups[group]])


def held_out_batches(part: Read, at_once: int = 8) -> Iterator[Batch]:
    """Yield every text once, so many at a time."""
    texts = [_Text(part, *span) for span in spans(part.written)]
    for start in range(0, len(texts), at_once):
        yield _batch(texts[start : start + at_once])


def _batch(texts: list[_Text]) -> Batch:
    written = texts[0].read.written
    rows, longest = len(texts), max(text.end - text.start for text in texts)
    kept = written.kept_tokens.shape[1]
    width = texts[0].read.states.shape[1]
    tokens, following = np.zeros((rows, longest), np.int64), np.zeros((rows, longest), np.int64)
    wanted = np.zeros((rows, longest), bool)
    kept_tokens = np.zeros((rows, longest, kept), np.int64)
    kept_probabilities = np.zeros((rows, longest, kept), np.float32)
    states: NDArray[np.float32] = np.zeros((rows, longest, width), np.float32)
    for row, text in enumerate(texts):
        written, places = text.read.written, slice(text.start, text.end)
        length = text.end - text.start
        tokens[row, :length] = written.tokens[places]
        following[row, : length - 1] = written.tokens[text.start + 1 : text.end]
        wanted[row, text.prompt - 1 : length - 1] = True
        kept_tokens[row, :length] = written.kept_tokens[places]
        kept_probabilities[row, :length] = written.kept_probabilities[places]
        states[row, :length] = text.read.states[places]
    return Batch(*map(torch.from_numpy, (tokens, wanted, following, kept_tokens, kept_probabilities, states)))
