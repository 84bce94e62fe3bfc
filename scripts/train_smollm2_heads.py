"""Train what guesses for SmolLM2-135M-Instruct from its own states: a draft of one layer, and Medusa heads.

Usage: ``python scripts/train_smollm2_heads.py --output DIR [--text DIR] [--states DIR] [--only one-layer|medusa]``;
needs the model (``make models``). The target's text is that of ``scripts/train_smollm2_draft.py``, which writes what
is not there yet; its states are computed once and kept in ``--states``. Everything is counted in steps and drawn from
the seed; the target stays as it is.

SmolLM2-135M-Instruct is Apache-2.0 (Hugging Face TB); what is trained here derives from its text and states.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

from ahasd.decoding.models.find_model import PACKAGED
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.speculation.trees.head_accuracy import differences
from smollm2_draft.training import frequent_tokens
from smollm2_heads.batches import batches
from smollm2_heads.linear_start import start_linearly
from smollm2_heads.measuring import acceptance, path_accuracy
from smollm2_heads.medusa import MedusaHeads, train_medusa, within
from smollm2_heads.one_layer import OneLayer
from smollm2_heads.saving import save_medusa_heads, save_one_layer_draft
from smollm2_heads.states import Read, read_states
from smollm2_heads.training import Schedule, train
from train_smollm2_draft import TARGET, Part, texts

#: What is trained on.
PARTS = (Part(0, 0), Part(1, 0), Part(1, 1, 96))

#: Tokens that can be guessed.
NAMED = 8192

#: How the draft is trained.
SCHEDULE = Schedule(steps=900, unrolled=3, unrolled_from=0.75, layer_rate=0.02, ends_rate=5e-4)

#: Medusa heads, and their training steps.
HEADS, MEDUSA_STEPS = 4, 300

#: Steps of the draft whose acceptance and whose candidates are measured, and candidates of a step or head.
MEASURED_STEPS, GUESSED_STEPS, CANDIDATES = 4, 6, 10


def read_all(model: LanguageModel, text: Path, states: Path, seed: int) -> tuple[list[Read], Read]:
    """Give the parts to train on and the one to measure on, with the target's states."""
    train_on, held_out = texts(model, text, seed, PARTS)
    states.mkdir(parents=True, exist_ok=True)
    names = [f"train-{part.answer}-{part.quarter}" for part in PARTS]
    found = [
        read_states(model.model, written, states / f"{name}.npy", name)
        for name, written in zip(["held-out", *names], [held_out, *train_on], strict=True)
    ]
    return found[1:], found[0]


def rounded(accuracy: list[list[float]]) -> list[list[float]]:
    """Give shares as they are written down."""
    return [[round(share, 4) for share in row] for row in accuracy]


def one_layer(
    model: LanguageModel, parts: list[Read], held_out: Read, named: torch.Tensor, seed: int, folder: Path
) -> None:
    """Train the draft, say how good it is and what it took, and save it."""
    torch.manual_seed(seed)
    draft = OneLayer(model.model, named)
    start_linearly(draft, parts)
    print(f"linear start: {acceptance(draft, held_out, 1)}", flush=True)
    seconds = train("one-layer", draft, batches(parts, seed), SCHEDULE)
    steps = acceptance(draft, held_out, MEASURED_STEPS)
    accuracy = rounded(path_accuracy(draft, held_out, GUESSED_STEPS, CANDIDATES))
    said = record(parts, named, seed) | {
        "own_parameters": draft.trained,
        "steps": SCHEDULE.steps,
        "cpu_seconds": round(seconds),
        "held_out_acceptance_by_step": [
            {"greedy": round(greedy, 4), "sampled": round(sampled, 4)} for greedy, sampled in steps
        ],
        "held_out_accuracy_along_own_path": accuracy,
    }
    print(json.dumps(said), flush=True)
    save_one_layer_draft(draft, model, folder, accuracy, said)


def medusa(
    model: LanguageModel, parts: list[Read], held_out: Read, named: torch.Tensor, seed: int, folder: Path
) -> None:
    """Train the heads, say how good they are and what it took, and save them."""
    heads = MedusaHeads(model.model, HEADS, named)
    seconds = train_medusa(heads, batches(parts, seed), MEDUSA_STEPS)
    shares = within(heads, held_out, CANDIDATES)
    said = record(parts, named, seed) | {
        "own_parameters": heads.blocks.numel(),
        "steps": MEDUSA_STEPS,
        "cpu_seconds": round(seconds),
        "held_out_share_within_first_candidates": rounded(shares),
    }
    print(json.dumps(said), flush=True)
    save_medusa_heads(heads, model, folder, rounded(differences(shares)), said)


def record(parts: list[Read], named: torch.Tensor, seed: int) -> dict[str, Any]:
    """Say what training depended on."""
    return {
        "target": {"name": TARGET, "sha256": PACKAGED[TARGET][2], "licence": PACKAGED[TARGET][3]},
        "named_tokens": len(named),
        "training_tokens": sum(len(part.states) for part in parts),
        "torch": torch.__version__,
        "seed": seed,
    }


def main() -> None:
    """Read the text, train what is asked for, and save it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of draft and heads")
    parser.add_argument("--text", type=Path, default=Path("results/smollm2-text"), help="the target's text")
    parser.add_argument("--states", type=Path, default=Path("results/smollm2-states"), help="its states")
    parser.add_argument("--only", choices=("one-layer", "medusa"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.set_verbosity_error()
    model = load_language_model(TARGET)
    parts, held_out = read_all(model, arguments.text, arguments.states, arguments.seed)
    ends = [model.model.config.bos_token_id, model.model.config.eos_token_id]
    named = frequent_tokens([part.written for part in parts], NAMED, ends)
    if arguments.only != "medusa":
        one_layer(model, parts, held_out, named, arguments.seed, arguments.output / "one_layer")
    if arguments.only != "one-layer":
        medusa(model, parts, held_out, named, arguments.seed, arguments.output / "medusa")


if __name__ == "__main__":
    main()
