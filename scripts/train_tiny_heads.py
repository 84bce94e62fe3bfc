"""Train what guesses for the tiny target from its own states: a draft of one layer, and Medusa heads.

Usage: ``python scripts/train_tiny_heads.py --output DIR [--steps-scale S] [--seed 0]``; some CPU minutes. The target
continues pieces of the Python files that the pair was trained on, and of those that were held out, on which the heads
are measured. Everything is counted in steps and drawn from the seed; the target stays as it is.
"""

import argparse
import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers.utils import logging

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.speculation.trees.head_accuracy import differences
from smollm2_draft.writing import KEPT, Written
from smollm2_heads.batches import batches
from smollm2_heads.linear_start import start_linearly
from smollm2_heads.measuring import acceptance, path_accuracy
from smollm2_heads.medusa import MedusaHeads, train_medusa, within
from smollm2_heads.one_layer import OneLayer
from smollm2_heads.saving import save_medusa_heads, save_one_layer_draft
from smollm2_heads.states import Read
from smollm2_heads.training import Schedule, train
from tiny_pair.acceptance_head import PROMPT, write_texts
from tiny_pair.data import Corpus, load_texts
from train_smollm2_heads import CANDIDATES, GUESSED_STEPS, HEADS, MEASURED_STEPS, rounded
from train_tiny_pair import scaled

#: Texts of 256 tokens to train on and to measure on.
TEXTS, HELD_OUT_TEXTS = 768, 96

#: Texts that run through the target at once for its states.
AT_ONCE = 32

STEPS, MEDUSA_STEPS = 600, 400


def read_texts(target: LanguageModel, corpus: Corpus, count: int, seed: int) -> Read:
    """Have the target continue pieces of a corpus's training side, and keep what it thought of every token."""
    texts = write_texts(target.model, corpus, count, seed)
    rows, length = texts.shape
    states = np.zeros((rows, length, target.model.config.hidden_size), np.float16)
    kept_tokens = np.zeros((rows, length, KEPT), np.uint16)
    kept_probabilities = np.zeros((rows, length, KEPT), np.float16)
    with torch.inference_mode():
        for start in range(0, rows, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found = target.model.model(texts[part], use_cache=False).last_hidden_state
            states[part] = found.half().numpy()
            likely, tokens = target.model.lm_head(found[:, PROMPT - 1 :]).softmax(-1).topk(KEPT)
            kept_tokens[part, PROMPT - 1 :] = tokens.numpy()
            kept_probabilities[part, PROMPT - 1 :] = likely.half().numpy()
    written = Written(
        tokens=texts.flatten().numpy().astype(np.uint16),
        lengths=np.full(rows, length, np.int32),
        prompt_lengths=np.full(rows, PROMPT, np.int32),
        kept_tokens=kept_tokens.reshape(-1, KEPT),
        kept_probabilities=kept_probabilities.reshape(-1, KEPT),
    )
    return Read(written, states.reshape(-1, states.shape[-1]))


def main() -> None:
    """Write texts, train both kinds, and save them with what they are worth on the held-out files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of draft and heads")
    parser.add_argument(
        "--steps-scale", type=float, default=1.0, help="multiplies numbers of steps and texts"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.disable_progress_bar()
    scale, seed = arguments.steps_scale, arguments.seed
    target = load_tiny_pair()[0]
    corpus = Corpus(target.tokenizer, *load_texts())
    unseen = copy.copy(corpus)
    unseen.train = corpus.held_out
    part = read_texts(target, corpus, scaled(TEXTS, scale), seed)
    held_out = read_texts(target, unseen, scaled(HELD_OUT_TEXTS, scale), seed + 1)
    named = torch.arange(target.vocabulary_size)
    said: dict[str, Any] = {"training_tokens": len(part.states), "torch": torch.__version__, "seed": seed}

    torch.manual_seed(seed)
    draft = OneLayer(target.model, named)
    start_linearly(draft, [part])
    schedule = Schedule(scaled(STEPS, scale), unrolled=3, unrolled_from=0.75, layer_rate=0.02, ends_rate=5e-4)
    seconds = train("one-layer", draft, batches([part], seed), schedule)
    steps = acceptance(draft, held_out, MEASURED_STEPS)
    accuracy = rounded(path_accuracy(draft, held_out, GUESSED_STEPS, CANDIDATES))
    record = said | {
        "own_parameters": draft.trained,
        "steps": schedule.steps,
        "cpu_seconds": round(seconds),
        "held_out_acceptance_by_step": [
            {"greedy": round(greedy, 4), "sampled": round(sampled, 4)} for greedy, sampled in steps
        ],
    }
    print(json.dumps(record), flush=True)
    save_one_layer_draft(draft, target, arguments.output / "one_layer", accuracy, record)

    heads = MedusaHeads(target.model, HEADS, named)
    seconds = train_medusa(heads, batches([part], seed), scaled(MEDUSA_STEPS, scale))
    shares = within(heads, held_out, CANDIDATES)
    record = said | {
        "own_parameters": heads.blocks.numel(),
        "steps": scaled(MEDUSA_STEPS, scale),
        "cpu_seconds": round(seconds),
        "held_out_share_within_first_candidates": rounded(shares),
    }
    print(json.dumps(record), flush=True)
    save_medusa_heads(heads, target, arguments.output / "medusa", rounded(differences(shares)), record)


if __name__ == "__main__":
    main()
