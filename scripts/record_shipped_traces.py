"""Record the four traces that ship with ahasd: tiny pair, draft distilled and plain, sampled and greedy.

Usage: ``python scripts/record_shipped_traces.py [--output DIR]``. The prompts are pieces of the held-out
files of the standard library; their text, and so the traces, differ with the version of Python.
"""

import argparse
import platform
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from transformers.utils import logging

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.recorder import record
from ahasd.decoding.recording.stdlib_corpus import read_sources, source_files
from ahasd.decoding.tiny_pair import TinyDraft, load_tiny_pair
from ahasd.traces.files import save
from ahasd.traces.rollout.rollout import Mode, RolloutTrace
from ahasd.traces.rollout.statistics import expected_auc
from tiny_pair.acceptance_head import REJECTION_WEIGHT

OUTPUT = Path(__file__).parent.parent / "src" / "ahasd" / "traces" / "data"
CONTEXT = 256
STEPS = 16
MAX_PROMPT_TOKENS = 128
#: Prompts and tokens per prompt: 9,000 positions if no text ends early. Greedy text begins to repeat itself
#: after some dozen tokens, so there more prompts are continued for a shorter while.
SIZES: dict[Mode, tuple[int, int]] = {"sampled": (45, 200), "greedy": (180, 50)}


def held_out_prompts(tokenizer: Any, count: int, max_tokens: int) -> list[Prompt]:
    """Cut prompts of whole lines out of the held-out files, evenly over all their lines."""
    files = source_files(held_out=True)
    lines = [
        (path.stem, line)
        for path, text in zip(files, read_sources(files), strict=True)
        for line in text.splitlines(keepends=True)
    ]
    prompts = []
    for index in range(count):
        at = index * len(lines) // count
        text = ""
        # A prompt stays within one file, starts at a line that says something and has at least one line.
        while not lines[at][1].strip() or _tokens(tokenizer, lines[at][1]) > max_tokens:
            at += 1
        name = lines[at][0]
        while (
            at < len(lines) and lines[at][0] == name and _tokens(tokenizer, text + lines[at][1]) <= max_tokens
        ):
            text += lines[at][1]
            at += 1
        prompts.append(Prompt(str(index + 1), name, (text,)))
    return prompts


def _tokens(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text)["input_ids"])


def summary(trace: RolloutTrace) -> str:
    """Say how good the draft is: acceptance, accepted of 8, and how well low entropy predicts acceptance."""
    reached = np.cumprod(trace.accepted[:, :8], axis=1, dtype=np.int64)
    entropy, accepted = trace.entropy[:, 0].astype(float), trace.accepted[:, 0].astype(bool)
    ranks = np.searchsorted(np.sort(entropy), entropy, "left") + np.searchsorted(
        np.sort(entropy), entropy, "right"
    )
    high, low = int(accepted.sum()), int((~accepted).sum())
    # Of the tokens a round of 8 verifies, up to and including the first rejection, the share that is accepted.
    emitted = reached.sum(axis=1)
    rate = emitted.sum() / (emitted.sum() + (emitted < 8).sum())
    # Mann-Whitney: the chance that an accepted token had the lower entropy, ties counted half.
    auc = 1 - ((ranks[accepted] / 2 + 0.5).sum() - high * (high + 1) / 2) / (high * low)
    head = "no acceptance head"
    if trace.predicted_acceptance is not None:
        head = head_summary(trace.predicted_acceptance, trace.accepted)
    return (
        f"{trace.positions} positions; accepted: {trace.mean_acceptance:.3f} of first tokens, {rate:.3f} of verified "
        f"ones, {emitted.mean():.2f} of 8; AUC of low entropy {auc:.2f}; entropy {entropy.mean():.2f} nats\n"
        f"{head}"
    )


def head_summary(predicted: NDArray[np.float16], accepted: NDArray[np.uint8]) -> str:
    """Say how well the head foresees the coins: its AUC, and by tenths of its outputs how many fell on accepted.

    The weight w on rejections is taken out of the outputs first: p = w·x / (w·x + 1 − x).
    """
    x = predicted.astype(np.float64).ravel()
    p = REJECTION_WEIGHT * x / (REJECTION_WEIGHT * x + 1 - x)
    coins = accepted.astype(np.float64).ravel()
    tenths = np.array_split(np.argsort(p, kind="stable"), 10)
    pairs = ", ".join(f"{p[tenth].mean():.2f}/{coins[tenth].mean():.2f}" for tenth in tenths)
    return f"  head: AUC {expected_auc(-x, coins):.3f}; predicted/accepted by tenths {pairs}"


def _record(
    name: str, mode: Mode, target: LanguageModel, draft: LanguageModel, prompts: list[Prompt], seed: int
) -> RolloutTrace:
    with Progress(transient=True) as bar:
        task = bar.add_task(f"{name}, {mode}", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return record(
            target,
            draft,
            prompts,
            mode=mode,
            steps=STEPS,
            tokens_per_prompt=SIZES[mode][1],
            seed=seed,
            prompts_source=f"held-out files of the standard library, Python {platform.python_version()}",
            progress=show,
        )


def main() -> None:
    """Record and save the four traces, and print what they say."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    logging.disable_progress_bar()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in get_args(TinyDraft):
        target, draft = load_tiny_pair(name)
        for mode, (count, tokens) in SIZES.items():
            room = min(MAX_PROMPT_TOKENS, CONTEXT - tokens - STEPS)
            prompts = held_out_prompts(target.tokenizer, count, room)
            trace = _record(name, mode, target, draft, prompts, arguments.seed)
            save(trace, arguments.output / f"tiny-{name}-{mode}.safetensors")
            print(f"tiny-{name}-{mode}: {summary(trace)}", flush=True)


if __name__ == "__main__":
    main()
