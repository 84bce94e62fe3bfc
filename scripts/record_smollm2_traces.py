"""Record the traces of SmolLM2-135M with its drafts that ship with ahasd: chat, code and prose, sampled and greedy.

Usage: ``python scripts/record_smollm2_traces.py [--output DIR] [--only NAME ...] [--draft one-layer|4bit]``; needs
``make models``. The draft is that of two layers; or the one of one layer, which starts from the target's own states
at every position; or the target itself with 4 bits a weight. Traces of the latter two have their names in theirs. One
trace takes some 20 CPU minutes, of the target itself 50; the prompts that are done lie beside it in ``….unfinished``,
and the same call goes on with them. The prompts are of topics that the draft was not trained on
(scripts/smollm2_draft/topics.py).
"""

import argparse
from pathlib import Path
from typing import get_args

import torch
from transformers.utils import logging

from ahasd.decoding.heads.one_layer_draft import OneLayerDraft
from ahasd.decoding.heads.one_layer_file import load_one_layer
from ahasd.decoding.heads.shipped_heads import ONE_LAYER
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.prompts.prompt_files import Prompt as Asked
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.trees.build_tree_decoder import heads_folder
from ahasd.traces.files import save
from ahasd.traces.header import Mode
from record_shipped_traces import OUTPUT, STEPS, summary
from smollm2_draft.prompts import Prompt, Task, measured_prompts
from smollm2_draft.quantised import BITS, self_draft

TARGET, DRAFT = "smollm2-135m", "smollm2-135m-draft"
SELF_DRAFT = f"{BITS}bit"

#: Prompts of each trace, for 8,000 positions and more; its texts end where the target ends them, or here.
PROMPTS: dict[Task, int] = {"chat": 76, "code": 70, "prose": 70}
TOKENS = 128


def asked(model: LanguageModel, prompt: Prompt, number: int) -> Asked:
    """Put a question into the chat format of the model, which the recorder takes as it is."""
    text = prompt.text
    if not prompt.raw:
        text = model.tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False
        )
    return Asked(str(number), prompt.task, (str(text),))


def main() -> None:
    """Record and save the traces that are asked for, and print what they say."""
    kinds = {f"{task}-{mode}": (task, mode) for task in PROMPTS for mode in get_args(Mode)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--only", nargs="+", choices=list(kinds), default=list(kinds), metavar="TASK-MODE")
    parser.add_argument("--draft", choices=(DRAFT, ONE_LAYER, SELF_DRAFT), default=DRAFT)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.set_verbosity_error()
    target = load_language_model(TARGET)
    draft: LanguageModel | OneLayerDraft
    if arguments.draft == ONE_LAYER:
        draft = load_one_layer(heads_folder(target, ONE_LAYER), target, f"{TARGET}-{ONE_LAYER}")
        beginning = f"{TARGET}-{ONE_LAYER}"
    elif arguments.draft == SELF_DRAFT:
        beginning = f"{TARGET}-{SELF_DRAFT}"
        draft = self_draft(target, beginning)
    else:
        draft, beginning = load_language_model(DRAFT), TARGET
    arguments.output.mkdir(parents=True, exist_ok=True)
    for kind in arguments.only:
        task, mode = kinds[kind]
        name = f"{beginning}-{kind}"
        prompts = measured_prompts(task, arguments.seed)[: PROMPTS[task]]
        unfinished = arguments.output / f"{name}.safetensors.unfinished"
        trace = record(
            target,
            draft,
            [asked(target, prompt, number) for number, prompt in enumerate(prompts, 1)],
            mode=mode,
            steps=STEPS,
            tokens_per_prompt=TOKENS,
            seed=arguments.seed,
            prompts_source=f"{task}, topics that the draft was not trained on (scripts/smollm2_draft/topics.py)",
            checkpoint=unfinished,
        )
        save(trace, arguments.output / f"{name}.safetensors")
        unfinished.unlink()
        print(f"{name}: {summary(trace)}", flush=True)


if __name__ == "__main__":
    main()
