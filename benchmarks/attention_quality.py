"""What sparse attention costs a real model: perplexity on held-out texts, greedy texts, needles by depth.

Usage: ``python benchmarks/attention_quality.py [MODEL] [--context N] [--heads FILE.tsv] [--documents FILE …]
[--texts N]``. The documents, pages of ``docs/`` unless told otherwise, are younger than the models; joined, they are
cut into texts of a context each, whose first half is read densely and the rest by sparse steps. With one thread
SmolLM2-135M takes some minutes of a processor at 2,048 tokens.
"""

import argparse
import math
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
    parser.add_argument("--written", type=int, default=64, help="Tokens of a greedy text.")
    asked = parser.parse_args()
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
    read = [losses(runner, text, asked.context // 2, ways) for text in texts]
    alike = [
        greedy_agreement(runner, text[: asked.context - asked.written], asked.written, ways) for text in texts
    ]
    found = [
        needle_found(runner, passkey_prompt(model.tokenizer, asked.context, depth, seed), ways)
        for seed, depth in enumerate(asked.depths)
    ]
    rows = [
        (
            name,
            f"{math.exp(fmean(one[at] for one in read)):.2f}",
            f"{fmean(one[at] - one[0] for one in read):+.3f}",
            " ".join(f"{one[at][0]}" for one in alike),
            f"{fmean(one[at][1] for one in alike):.0%}",
            *("yes" if one[at] else "no" for one in found),
        )
        for at, name in enumerate(WAYS)
    ]
    columns = (
        *left("way"),
        *right("perplexity", "nats", "same text until", "same choice"),
        *right(*(f"at {depth:g}" for depth in asked.depths)),
    )
    notes = [
        f"{weights.name}, {asked.context} tokens, pages of {asked.page}, {asked.budget} chosen, {asked.sink} first "
        f"and {asked.recent} last ones; heads: {asked.heads or 'the same share in every layer'}.",
        f"Perplexity of the second half of {len(texts)} texts; {asked.written} greedy tokens behind each, until they "
        "differ from the dense model's and how many of its it chooses; a pass key at so deep a place, found or not. "
        f"{time.process_time() - start:.0f} s of a processor.",
    ]
    print(Table(columns, rows, notes=notes).terminal())


def cut(tokenizer: Any, documents: Sequence[Path], context: int, count: int) -> list[list[int]]:
    """Join documents and cut them into texts of so many tokens."""
    whole = "\n".join(path.read_text(encoding="utf-8") for path in documents)
    ids = tokenizer(whole, verbose=False)["input_ids"]
    if len(ids) < count * context:
        raise SystemExit(f"the documents have {len(ids)} tokens, and {count} texts of {context} need more")
    return [list(ids[start : start + context]) for start in range(0, count * context, context)]


if __name__ == "__main__":
    main()
