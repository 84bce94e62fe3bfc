"""Record tree traces of SmolLM2-135M with its heads: chat, code and prose, sampled or greedy.

Usage: ``python scripts/record_smollm2_trees.py --output DIR [--heads medusa] [--only TASK-MODE ...]``; needs ``make
models``. The prompts are of topics that the heads were not trained on (scripts/smollm2_draft/topics.py); those that
are done lie beside the trace in ``….unfinished``, and the same call goes on with them.
"""

import argparse
from pathlib import Path
from typing import get_args

import torch
from transformers.utils import logging

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.recording.tree_recorder import record_tree
from ahasd.decoding.trees.build_tree_decoder import MEDUSA, ONE_LAYER, build_guesser
from ahasd.traces.header import Mode
from ahasd.traces.tree.files import save
from ahasd.traces.tree.statistics import within
from record_smollm2_traces import PROMPTS, TARGET, TOKENS, asked
from smollm2_draft.prompts import measured_prompts

#: Layers whose early guesses are recorded: the first of a sixth, a third and two thirds of 30.
EARLY_LAYERS = (4, 10, 20)


def main() -> None:
    """Record and save the traces that are asked for, and print how often the first candidates are right."""
    kinds = {f"{task}-{mode}": (task, mode) for task in PROMPTS for mode in get_args(Mode)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--heads", choices=(MEDUSA, ONE_LAYER), default=MEDUSA)
    parser.add_argument("--only", nargs="+", choices=list(kinds), default=list(kinds), metavar="TASK-MODE")
    parser.add_argument(
        "--prompts", type=int, help="of each trace; as many as of the rollout traces if not given"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.set_verbosity_error()
    target = load_language_model(TARGET)
    guesser = build_guesser(target, arguments.heads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for kind in arguments.only:
        task, mode = kinds[kind]
        prompts = measured_prompts(task, arguments.seed)[: arguments.prompts or PROMPTS[task]]
        path = arguments.output / f"{TARGET}-{arguments.heads}-{kind}.safetensors"
        unfinished = path.with_suffix(".safetensors.unfinished")
        trace = record_tree(
            target,
            guesser,
            [asked(target, prompt, number) for number, prompt in enumerate(prompts, 1)],
            mode=mode,
            tokens_per_prompt=TOKENS,
            seed=arguments.seed,
            early_layers=EARLY_LAYERS,
            prompts_source=f"{task}, topics that the heads were not trained on (scripts/smollm2_draft/topics.py)",
            checkpoint=unfinished,
        )
        save(trace, path)
        unfinished.unlink()
        shares = [[round(float(share), 3) for share in row[:5]] for row in within(trace)]
        print(
            f"{path.name}: {trace.positions} points, first 1 to 5 candidates hold the truth: {shares}",
            flush=True,
        )


if __name__ == "__main__":
    main()
