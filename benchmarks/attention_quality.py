"""What sparse attention costs a real model: perplexity on held-out texts, greedy texts, needles by depth, time.

Usage: ``python benchmarks/attention_quality.py [MODEL] [--context N] [--heads FILE.tsv] [--documents FILE …]
[--texts N] [--depths D …]``. The documents, pages of ``docs/`` unless told otherwise, are younger than the models;
joined, they are cut into texts of a context each. The last tokens of a text (``--scored``) are read by sparse steps,
what comes before densely. All runs on one thread, and what comes out is said as it does. With SmolLM2-135M four
texts and five depths take 4 minutes of a processor at 2,048 tokens and 7 at 4,096; at 8,192 a text takes about three
and a depth one.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is there, whose products choose pages

import argparse
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.sparse_attention.attention_quality import greedy_agreement, losses, needle_found
from ahasd.decoding.sparse_attention.heads_of_model import split_of_model
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import passkey_prompt
from ahasd.decoding.sparse_attention.settings import SparseSettings, check_room, sparse_weights
from ahasd.decoding.sparse_attention.step_time import StepTime, step_times
from ahasd.report.table import Table, left, right
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import TopPages
from ahasd.sparse_attention.pages.window import Window

DOCS = Path(__file__).parent.parent / "docs"
PAGES = (
    "model.md",
    "decoding.md",
    "hardware.md",
    "trees.md",
    "experts-run.md",
    "private-inference.md",
    "structure.md",
)

#: Steps that are timed.
STEPS = 16

#: Name, share of heads that stream, first dense layers; None is dense attention.
WAYS: dict[str, tuple[float, int] | None] = {
    "dense": None,
    "all heads choose pages": (0.0, 0),
    "the same, two layers dense": (0.0, 2),
    "half of the heads stream": (0.5, 0),
    "half, two layers dense": (0.5, 2),
    "all heads stream": (1.0, 0),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", default="smollm2-135m")
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--budget", type=int, default=256)
    parser.add_argument("--page", type=int, default=16)
    parser.add_argument("--sink", type=int, default=64)
    parser.add_argument("--recent", type=int, default=192)
    parser.add_argument("--heads", help="what `ahasd attention calibrate` wrote")
    parser.add_argument("--documents", type=Path, nargs="+", default=[DOCS / page for page in PAGES])
    parser.add_argument("--texts", type=int, default=4, help="Contexts to cut the documents into.")
    parser.add_argument("--depths", type=float, nargs="*", default=[0.1, 0.3, 0.5, 0.7, 0.9])
    parser.add_argument(
        "--scored", type=int, default=1024, help="Tokens of each text that are read sparsely."
    )
    parser.add_argument("--written", type=int, default=64, help="Tokens of a greedy text.")
    asked = parser.parse_args()
    if asked.texts < 1 or not 1 < max(asked.scored, asked.written) < asked.context:
        raise SystemExit(
            "give at least one text, and fewer tokens to score and to write than the context has"
        )
    torch.set_num_threads(1)
    model = load_language_model(asked.model)
    weights = sparse_weights(model)
    check_room(weights, asked.context, 0)
    runner = MaskedRunner(weights)
    selector = TopPages(Paging(asked.page, asked.budget, Window(asked.sink, asked.recent)))
    ways = [
        None if one is None else SparseSettings(split_of_model(weights, asked.heads, *one), selector)
        for one in WAYS.values()
    ]
    start = time.process_time()
    texts = cut(model.tokenizer, asked.documents, asked.context, asked.texts)
    alike, read, found = [], [], []
    spent: list[StepTime] = []
    for seed, depth in enumerate(asked.depths):
        found.append(needle_found(runner, passkey_prompt(model.tokenizer, asked.context, depth, seed), ways))
        say(f"key at {depth:g}: {' '.join('yes' if one else 'no' for one in found[-1])}", start)
    for text in texts:
        # The longest dense prompt first: the others are its beginning, and not read again.
        alike.append(greedy_agreement(runner, text[: asked.context - asked.written], asked.written, ways))
        if not spent:
            spent = step_times(weights, runner, text, STEPS, [way for way in ways if way is not None])
            say(
                f"a step: {' '.join(f'{1e3 * one.processor_s:.0f} ms ({one.read:.0%})' for one in spent)}",
                start,
            )
        read.append(losses(runner, text, asked.context - asked.scored, ways))
        say(f"nats of text {len(read)}: {' '.join(f'{one:.4f}' for one in read[-1])}", start)
        say(f"same until: {' '.join(f'{until} ({share:.0%})' for until, share in alike[-1])}", start)
    rows = [
        (
            name,
            f"{math.exp(fmean(one[at] for one in read)):.2f}",
            f"{fmean(one[at] - one[0] for one in read):+.3f}",
            " ".join(f"{one[at][0]}" for one in alike),
            f"{fmean(one[at][1] for one in alike):.0%}",
            *("yes" if one[at] else "no" for one in found),
            f"{spent[at].read:.0%}",
            f"{1e3 * spent[at].processor_s:.0f} ms",
            f"{spent[0].processor_s / spent[at].processor_s:.2f}x",
        )
        for at, name in enumerate(WAYS)
    ]
    columns = (
        *left("way"),
        *right("perplexity", "nats", "same text until", "same choice"),
        *right(*(f"at {depth:g}" for depth in asked.depths)),
        *right("read", "a step", "as fast"),
    )
    notes = [
        f"{weights.name}, {asked.context} tokens, pages of {asked.page}, {asked.budget} chosen, {asked.sink} first "
        f"and {asked.recent} last ones; heads: {asked.heads or 'the same share in every layer'}.",
        f"Perplexity of the last {asked.scored} tokens of {len(texts)} texts; {asked.written} greedy tokens at the "
        "end of each, until they differ from the dense model's and how many of its it chooses; a pass key at so deep "
        f"a place, found or not. Read: of a dense step's keys and values; a step: of a processor, median of {STEPS}; "
        f"as fast as a dense one. {time.process_time() - start:.0f} s of a processor.",
    ]
    print(Table(columns, rows, notes=notes).terminal())


def say(what: str, start: float) -> None:
    """Say how far it is, and what came out so far, way by way."""
    print(f"{what}; {time.process_time() - start:.0f} s of a processor", file=sys.stderr, flush=True)


def cut(tokenizer: Any, documents: Sequence[Path], context: int, count: int) -> list[list[int]]:
    """Join documents and cut them into texts of so many tokens."""
    whole = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    ids = tokenizer(whole, verbose=False)["input_ids"]
    if len(ids) < count * context:
        raise SystemExit(f"the documents have {len(ids)} tokens, and {count} texts of {context} need more")
    return [list(ids[start : start + context]) for start in range(0, count * context, context)]


if __name__ == "__main__":
    main()
