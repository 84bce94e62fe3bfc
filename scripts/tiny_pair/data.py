"""Tokenizer, token streams and batches of the tiny pair."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from ahasd.decoding.recording.stdlib_corpus import read_sources, source_files

VOCABULARY = 1024
CONTEXT = 256
BATCH = 8
END_OF_TEXT = "<|endoftext|>"


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE (Sennrich et al. 1508.07909, over bytes as in GPT-2) of 1024 entries."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TEXT,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


class Corpus:
    """The token streams of both sides of the split, files joined by the end-of-text token.

    Attributes
    ----------
    train, held_out
        Token ids, shape (tokens,).
    bytes_per_token
        Mean UTF-8 bytes per training token.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, train: list[str], held_out: list[str]) -> None:
        self.train = _stream(tokenizer, train)
        self.held_out = _stream(tokenizer, held_out)
        self.bytes_per_token = sum(len(text.encode()) for text in train) / len(self.train)

    def batches(self, seed: int) -> Iterator[torch.Tensor]:
        """Yield random windows of the training stream, shape (batch, context + 1), for ever."""
        rng = np.random.Generator(np.random.PCG64(seed))
        while True:
            starts = rng.integers(0, len(self.train) - CONTEXT - 1, size=BATCH)
            yield torch.from_numpy(np.stack([self.train[s : s + CONTEXT + 1] for s in starts]))

    def held_out_batches(self, batch: int = 32) -> Iterator[torch.Tensor]:
        """Yield the held-out stream once, in windows of shape (≤ batch, context + 1)."""
        count = (len(self.held_out) - 1) // CONTEXT
        windows = np.stack([self.held_out[i * CONTEXT : (i + 1) * CONTEXT + 1] for i in range(count)])
        for start in range(0, count, batch):
            yield torch.from_numpy(windows[start : start + batch])


def load_texts() -> tuple[list[str], list[str]]:
    """Read the training and the held-out texts."""
    return read_sources(source_files(held_out=False)), read_sources(source_files(held_out=True))


def _stream(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> NDArray[np.int64]:
    encoded = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    return np.asarray([token for ids in encoded for token in (*ids, tokenizer.eos_token_id)], dtype=np.int64)
