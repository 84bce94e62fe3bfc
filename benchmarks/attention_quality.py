"""What sparse attention costs a real model: perplexity on held-out documents, and needles found by depth.

Usage: ``python benchmarks/attention_quality.py [MODEL] [--context N] [--heads FILE.tsv] [--documents FILE …]``. The
documents are pages of ``docs/``, which are younger than the models; the first half of each context is read densely,
the rest by sparse steps. With one thread SmolLM2-135M takes some minutes of a processor at 2,048 tokens.
"""

import argparse
import math
import time
from pathlib import Path

import torch

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.sparse_attention.attention_quality import losses, needle_found
from ahasd.decoding.sparse_attention.heads_of_model import split_of_model
from ahasd.decoding.sparse_attention.masked_runner import MaskedRunner
from ahasd.decoding.sparse_attention.retrieval_prompts import passkey_prompt
from ahasd.decoding.sparse_attention.settings import SparseSettings, check_room, sparse_weights
from ahasd.report.table import Table, left, right
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.selector import TopPages
from ahasd.sparse_attention.pages.window import Window

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("model.md", "private.md", "scale.md", "experts.md")

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
    parser.add_argument("--depths", type=float, nargs="*", default=[0.1, 0.3, 0.5, 0.7, 0.9])
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
    read = []
    for path in asked.documents:
        ids = model.tokenizer(path.read_text(encoding="utf-8"), verbose=False)["input_ids"][: asked.context]
        if len(ids) == asked.context:
            read.append(losses(runner, ids, asked.context // 2, ways))
    found = [
        needle_found(runner, passkey_prompt(model.tokenizer, asked.context, depth, seed), ways)
        for seed, depth in enumerate(asked.depths)
    ]
    rows = [
        (
            name,
            f"{math.exp(sum(one[at] for one in read) / len(read)):.3f}" if read else "-",
            f"{sum(one[at] - one[0] for one in read) / len(read):+.4f}" if read else "-",
            *("yes" if one[at] else "no" for one in found),
        )
        for at, name in enumerate(WAYS)
    ]
    columns = (*left("way"), *right("perplexity", "nats", *(f"at {depth:g}" for depth in asked.depths)))
    notes = [
        f"{weights.name}, {asked.context} tokens, pages of {asked.page}, {asked.budget} chosen, {asked.sink} first "
        f"and {asked.recent} last ones; heads: {asked.heads or 'the same share in every layer'}.",
        f"Perplexity of the second half of {len(read)} documents; a pass key at so deep a place, found or not. "
        f"{time.process_time() - start:.0f} s of a processor.",
    ]
    print(Table(columns, rows, notes=notes).terminal())


if __name__ == "__main__":
    main()
