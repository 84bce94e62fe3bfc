"""Trees for real: ratios of CPU time of one run, by task and by batch.

Run with ``python benchmarks/tree_speed.py``; needs SmolLM2 (``make models``). Greedy, on prompts of topics that heads
and draft were not trained on (scripts/smollm2_draft/topics.py). Against plain decoding of ours: the tree that chooses
its size, trees of fixed size (the best of which is known afterwards only), the size by means alone, Medusa heads,
copies, the draft that comes with ahasd; and of transformers prompt lookup and assisted generation by that draft. All
must write the same text; repetitions alternate. Then batches, and what deciding takes of a round. Some 12 CPU
minutes; ``--quick`` takes fewer prompts, ``--batches`` leaves single texts out.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from pathlib import Path
from time import process_time, thread_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.speculation.trees.policies.confident import ConfidentTree
from smollm2_draft.prompts import Task, measured_prompts
from support.figures import Figure, show
from train_smollm2_draft import encoded

TASKS: tuple[Task, ...] = ("chat", "code", "prose")
BATCHES = (1, 2, 4, 8, 16)
SIZES = (1, 3, 7)

#: Tokens of a text for what is not held against fixed trees.
OTHERS_NEW = 64

#: Over plain decoding, and how much slower no batch may be; over the best tree of fixed size; share of a round.
TARGET, NEVER_BELOW, OVER_FIXED, DECIDING = 1.10, 0.98, 1.05, 0.01

Tokens = list[int]
Texts = tuple[tuple[int, ...], ...]
Decode = Callable[[list[Tokens]], Texts]


def by_ours(decoder: SpeculativeDecoder, new: int, batch: int = 1) -> Decode:
    """Decode with a decoder of ours, one prompt after another or some at once."""

    def decode(prompts: list[Tokens]) -> Texts:
        return decoder.generate(prompts, max_new_tokens=new, eos_token_id=(), batch_size=batch).new_tokens

    return decode


def by_transformers(target: LanguageModel, new: int, **options: object) -> Decode:
    """Decode by ``generate`` of transformers."""

    def decode(prompts: list[Tokens]) -> Texts:
        texts = []
        for prompt in prompts:
            out = target.model.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                max_new_tokens=new,
                do_sample=False,
                eos_token_id=None,
                pad_token_id=0,
                repetition_penalty=1.0,
                **options,
            )
            texts.append(tuple(out[0, len(prompt) :].tolist()))
        return tuple(texts)

    return decode


def measure(ways: dict[str, Decode], groups: Sequence[list[Tokens]], repeats: int = 1) -> dict[str, float]:
    """CPU seconds of every way over all groups of prompts, the ways by turns at each group."""
    seconds = dict.fromkeys(ways, 0.0)
    order = list(ways)
    for turn, prompts in enumerate([group for _ in range(repeats) for group in groups]):
        texts: dict[str, Texts] = {}
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            began = process_time()
            texts[name] = ways[name](prompts)
            seconds[name] += process_time() - began
        for name, text in texts.items():
            other = sum(a != b for a, b in zip(text, texts["plain"], strict=True))
            if other:
                print(
                    f"{name}: {other} of {len(prompts)} texts differ from plain (ties of scores?)", flush=True
                )
    return seconds


def decoder(
    target: LanguageModel, draft: object, method: Any, algorithm: str | None = None
) -> SpeculativeDecoder:
    """Make a decoder of ours that takes nothing from the model's own generation settings."""
    return SpeculativeDecoder(target, draft, method, algorithm, ignore_generation_config=True)


def by_task(target: LanguageModel, draft: LanguageModel, count: int, new: int, others: int) -> None:
    """Print the ratios for single texts: against fixed trees on all of them, against the other ways on some."""
    plain, tree = decoder(target, None, "autoregressive"), decoder(target, "one-layer", "tree")
    fixed = {f"tree of {size}": decoder(target, "one-layer", "tree", f"best-first:{size}") for size in SIZES}
    more = {
        "tree by means": by_ours(decoder(target, "one-layer", "tree", "table"), OTHERS_NEW),
        "medusa heads": by_ours(decoder(target, "medusa", "tree"), OTHERS_NEW),
        "lookup": by_ours(decoder(target, "lookup", "tree"), OTHERS_NEW),
        "draft model": by_ours(decoder(target, draft, "speculative", "fixed:1"), OTHERS_NEW),
        "transformers": by_transformers(target, OTHERS_NEW),
        "transformers' prompt lookup": by_transformers(target, OTHERS_NEW, prompt_lookup_num_tokens=10),
        "transformers' assisted": by_transformers(target, OTHERS_NEW, assistant_model=draft.model),
    }
    whole: dict[str, float] = {}
    for task in TASKS:
        prompts = [encoded(target, prompt) for prompt in measured_prompts(task, 0)[:count]]
        ways = {name: by_ours(each, new) for name, each in {"plain": plain, "tree": tree, **fixed}.items()}
        seconds = measure(ways, [[prompt] for prompt in prompts])
        for name, taken in seconds.items():
            whole[name] = whole.get(name, 0.0) + taken
        figures = against_fixed(seconds, list(fixed), count * new)
        show(f"{task}: {count} texts of {new} tokens, CPU time, one thread", figures)
        ways = {"plain": by_ours(plain, OTHERS_NEW), "tree": by_ours(tree, OTHERS_NEW)} | more
        seconds = measure(ways, [[prompt] for prompt in prompts[:others]])
        figures = [
            Figure(f"{name} / plain", seconds["plain"] / seconds[name], "x")
            for name in ways
            if name != "plain"
        ]
        show(f"{task}: {others} texts of {OTHERS_NEW} tokens", figures)
    show("all of them", against_fixed(whole, list(fixed), len(TASKS) * count * new))


def against_fixed(seconds: dict[str, float], fixed: Sequence[str], tokens: int) -> list[Figure]:
    """Give the ratios of the tree to plain decoding and to the best of the fixed ones."""
    best = min(seconds[name] for name in fixed)
    return [
        Figure("plain", tokens / seconds["plain"], "tok/s"),
        Figure("tree / plain", seconds["plain"] / seconds["tree"], "x", at_least=TARGET),
        Figure("tree / best tree of fixed size", best / seconds["tree"], "x", at_least=OVER_FIXED),
        *(Figure(f"{name} / plain", seconds["plain"] / seconds[name], "x") for name in fixed),
    ]


def by_batch(target: LanguageModel, new: int, repeats: int) -> None:
    """Print the ratios for batches, and the share of deciding."""
    every = [encoded(target, measured_prompts(task, 0)[number]) for number in range(6) for task in TASKS]
    plain, tree = decoder(target, None, "autoregressive"), decoder(target, "one-layer", "tree")
    figures, shares = [], []
    for size in BATCHES:
        ways = {"plain": by_ours(plain, new, size), "tree": by_ours(tree, new, size)}
        seconds = measure(ways, [every[:size]], repeats)
        figures.append(
            Figure(
                f"batch {size}: tree / plain", seconds["plain"] / seconds["tree"], "x", at_least=NEVER_BELOW
            )
        )
        share = deciding(partial(ways["tree"], every[:size]))
        shares.append(Figure(f"batch {size}: deciding, of all time", share, "", DECIDING))
    show(f"SmolLM2-135M by batch, {new} tokens each, CPU time, one thread", [*figures, *shares])


def deciding(decode: Callable[[], Any]) -> float:
    """Give the share of CPU time that is spent in the policy."""
    spent, inside = 0.0, False
    names = ("levels", "choose", "settled", "passed", "judged")
    before = {name: getattr(ConfidentTree, name) for name in names}

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*given: Any) -> Any:
            nonlocal spent, inside
            if inside:
                return method(*given)
            began, inside = thread_time(), True
            try:
                return method(*given)
            finally:
                spent, inside = spent + thread_time() - began, False

        return call

    for name, method in before.items():
        setattr(ConfidentTree, name, timed(method))
    try:
        began = thread_time()
        decode()
        return spent / (thread_time() - began)
    finally:
        for name, method in before.items():
            setattr(ConfidentTree, name, method)


def main(arguments: Sequence[str]) -> None:
    """Run all."""
    torch.set_num_threads(1)
    quick = "--quick" in arguments
    target, draft = load_language_model("smollm2-135m"), load_language_model("smollm2-135m-draft")
    if "--batches" not in arguments:
        by_task(target, draft, count=1 if quick else 8, new=64 if quick else 128, others=1 if quick else 2)
    by_batch(target, new=32 if quick else 64, repeats=1 if quick else 3)


if __name__ == "__main__":
    main(sys.argv[1:])
