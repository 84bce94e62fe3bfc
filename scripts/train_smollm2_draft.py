"""Train the draft for SmolLM2-135M-Instruct, on text of its own.

Usage: ``python scripts/train_smollm2_draft.py --output DIR [--text DIR] [--steps N] [--seed 0] [--compare]``; needs
the model (``make models``). With ``--compare`` the candidates of docs/real-pair.md are trained and measured instead,
and nothing is saved.

The target's text is written first, some 280 tokens a second on one idle core, and kept in the folder ``--text``; what
lies there already is not written again. Everything is counted in steps and drawn from the seed.

SmolLM2-135M-Instruct is Apache-2.0 (Hugging Face TB); the draft derives from its text and distributions.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

from ahasd.decoding.models.acceptance_head import save_head
from ahasd.decoding.models.find_model import PACKAGED
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.models.llama_weights import llama_weights
from smollm2_draft.head import train_head
from smollm2_draft.prompts import Prompt, held_out_prompts, training_prompts
from smollm2_draft.saving import save
from smollm2_draft.student import Shape, Student
from smollm2_draft.training import acceptance, batches, frequent_tokens, train
from smollm2_draft.untrained import early_exits, prompt_lookup
from smollm2_draft.writing import Written, write

TARGET = "smollm2-135m"

#: The draft that is kept: the best tokens a second on two cores of those tried (docs/real-pair.md).
CHOSEN = "narrow-2"

#: The candidates that are trained, each with the learning rate of its matrices and whether Muon or AdamW moves them.
CANDIDATES = {
    "first-2": (Shape(layers=(0, 1)), 8e-4, False),
    "ends-2": (Shape(layers=(0, 29)), 8e-4, False),
    "narrow-4": (Shape(count=4, width=256, inner_width=688, heads=4), 0.02, True),
    "narrow-2": (Shape(count=2, width=256, inner_width=688, heads=4), 0.02, True),
}

#: Steps of the draft that is kept and of its head, and of every candidate when they are compared.
STEPS, HEAD_STEPS, COMPARED_STEPS = 1200, 200, 160

#: Texts of the held-out topics, and the tokens of each text at most.
HELD_OUT_TEXTS, HELD_OUT_TOKENS, NEW_TOKENS = 192, 160, 192

#: Texts that are written at once.
ROWS = 96

#: Temperatures that take turns: what greedy decoding meets, what sampling meets, and what lies between.
TEMPERATURES = (0.0, 1.0, 0.7, 1.0, 0.5)
HELD_OUT_TEMPERATURES = (0.0, 1.0, 0.7, 1.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the text, which is written at once and saved.

    Parameters
    ----------
    answer
        Which answer to the prompts it is; every further one takes the temperatures in another order.
    quarter
        Every fourth prompt, from this one on.
    prompts
        So many of them at most.
    """

    answer: int
    quarter: int
    prompts: int = 320


#: What the draft that is kept was trained on.
PARTS = (Part(0, 0), Part(1, 0), Part(1, 1, 96))


def encoded(model: LanguageModel, prompt: Prompt) -> list[int]:
    """Give the tokens of a prompt; a question is put into the chat format of the model."""
    text = prompt.text
    if not prompt.raw:
        text = model.tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False
        )
    return list(model.tokenizer(text, add_special_tokens=False)["input_ids"])


def texts(
    model: LanguageModel, folder: Path, seed: int, parts: Sequence[Part] = PARTS
) -> tuple[list[Written], Written]:
    """Write the parts that are not there yet, and give all: those to train on, and the one to measure on."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = llama_weights(model)
    assert weights is not None, "the target is Llama-shaped"

    def part(
        name: str, asked: list[Prompt], temperatures: list[float], new_tokens: int, number: int
    ) -> Written:
        path = folder / f"{name}.npz"
        if not path.exists():
            written = write(
                weights,
                [encoded(model, prompt) for prompt in asked],
                temperatures,
                new_tokens=new_tokens,
                rows=ROWS,
                seed=seed + number,
                name=name,
            )
            written.save(path)
        return Written.load(path)

    asked = held_out_prompts(seed)[:HELD_OUT_TEXTS]
    held_out = part("held-out", asked, _turns(HELD_OUT_TEMPERATURES, len(asked), 0, 1), HELD_OUT_TOKENS, 99)
    prompts = training_prompts(seed)
    train_on = [
        part(
            f"train-{chosen.answer}-{chosen.quarter}",
            (some := prompts[chosen.quarter :: 4][: chosen.prompts]),
            _turns(TEMPERATURES, len(some), 3 * chosen.answer + chosen.quarter, 2),
            NEW_TOKENS,
            10 * chosen.answer + chosen.quarter,
        )
        for chosen in parts
    ]
    return train_on, held_out


def _turns(temperatures: tuple[float, ...], count: int, first: int, step: int) -> list[float]:
    return [temperatures[(first + step * index) % len(temperatures)] for index in range(count)]


def distilled(
    name: str, target: Any, train_on: list[Written], held_out: Written, steps: int, seed: int
) -> tuple[Student, dict[str, Any]]:
    """Train one candidate, and say how good it is and what it took."""
    shape, rate, muon = CANDIDATES[name]
    ends = [target.config.bos_token_id, target.config.eos_token_id]
    torch.manual_seed(seed)
    student = Student(target, shape, frequent_tokens(train_on, shape.tokens, ends))
    seconds = train(name, student, batches(train_on, seed), steps, matrix_rate=rate, muon=muon)
    greedy, sampled = acceptance(student, held_out)
    said = {
        "own_parameters": student.trained,
        "steps": steps,
        "cpu_seconds": round(seconds),
        "held_out_acceptance_of_first_tokens": {"greedy": round(greedy, 4), "sampled": round(sampled, 4)},
    }
    print(f"{name}: {json.dumps(said)}", flush=True)
    return student, said


def compare(target: Any, train_on: list[Written], held_out: Written, seed: int) -> None:
    """Measure what needs no training, and every candidate after the same few steps."""
    for size in (1, 2, 3):
        print(f"prompt lookup, up to {size} tokens: {prompt_lookup(held_out, size)}", flush=True)
    layers = [4, 8, 12, 16, 20, 24, 27, 29]
    for layer, agreement in early_exits(target, held_out, layers, texts=16).items():
        print(f"early exit after {layer} layers: {agreement}", flush=True)
    for name in CANDIDATES:
        distilled(name, target, train_on, held_out, COMPARED_STEPS, seed)


def main() -> None:
    """Write the text, train the draft and its head, and save them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the draft")
    parser.add_argument("--text", type=Path, default=Path("results/smollm2-text"), help="the target's text")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compare", action="store_true", help="measure all candidates instead")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.set_verbosity_error()
    model = load_language_model(TARGET)
    train_on, held_out = texts(model, arguments.text, arguments.seed)
    count = sum(len(part.tokens) for part in train_on)
    print(f"{count} tokens of {sum(len(part.lengths) for part in train_on)} texts", flush=True)
    if arguments.compare:
        compare(model.model, train_on, held_out, arguments.seed)
        return
    student, said = distilled(CHOSEN, model.model, train_on, held_out, arguments.steps, arguments.seed)
    save(student, TARGET, model.model.config.eos_token_id, arguments.output)
    head = train_head(student, batches(train_on, arguments.seed + 1), HEAD_STEPS, arguments.seed)
    save_head(head, arguments.output)
    record = {
        "target": {"name": TARGET, "sha256": PACKAGED[TARGET][2], "licence": PACKAGED[TARGET][3]},
        "shape": CHOSEN,
        **said,
        "named_tokens": len(student.named),
        "training_tokens": count,
        "torch": torch.__version__,
        "seed": arguments.seed,
    }
    (arguments.output / "training.json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
