"""Record tree traces of SmolLM2-135M with its heads: chat, code and prose, sampled or greedy.

Usage: ``python scripts/record_smollm2_trees.py [--output DIR] [--heads medusa] [--only TASK-MODE ...]``; needs ``make
models``. The one that comes with ahasd is ``--only chat-sampled --early-layers 4 20``. The
prompts are of topics that the heads were not trained on (scripts/smollm2_draft/topics.py); those that are done lie
beside the trace in ``….unfinished``, and the same call goes on with them.
"""

import argparse
from pathlib import Path
from typing import get_args

import torch
from transformers.utils import logging

from ahasd.decoding.heads.shipped_heads import MEDUSA, ONE_LAYER
from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.recording.tree_recorder import record_tree
from ahasd.decoding.trees.build_tree_decoder import build_guesser
from ahasd.traces.header import Mode
from ahasd.traces.tree.files import save
from ahasd.traces.tree.statistics import within
from record_smollm2_traces import TARGET, TOKENS, asked
from smollm2_draft.prompts import Task, measured_prompts

#: Prompts of a trace, for some 2,700 points: with more, a file is larger than those of rollouts.
PROMPTS = 24

#: Tokens of an early layer: as many as the facts of arXiv 2402.13485 are about.
EARLY_TOP = 50

#: Where the package keeps them.
OUTPUT = Path(__file__).parent.parent / "src" / "ahasd" / "traces" / "data" / "tree"


def main() -> None:
    """Record and save the traces that are asked for, and print how often the first candidates are right."""
    kinds = {f"{task}-{mode}": (task, mode) for task in get_args(Task) for mode in get_args(Mode)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--heads", choices=(MEDUSA, ONE_LAYER), default=MEDUSA)
    parser.add_argument("--only", nargs="+", choices=list(kinds), default=list(kinds), metavar="TASK-MODE")
    parser.add_argument("--prompts", type=int, default=PROMPTS, help="of each trace")
    parser.add_argument("--early-layers", type=int, nargs="*", default=[], help="whose guesses are recorded")
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
        prompts = measured_prompts(task, arguments.seed)[: arguments.prompts]
        path = arguments.output / f"{TARGET}-{arguments.heads}-{kind}.safetensors"
        unfinished = path.with_suffix(".safetensors.unfinished")
        trace = record_tree(
            target,
            guesser,
            [asked(target, prompt, number) for number, prompt in enumerate(prompts, 1)],
            mode=mode,
            tokens_per_prompt=TOKENS,
            seed=arguments.seed,
            early_layers=arguments.early_layers,
            early_top=EARLY_TOP,
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
