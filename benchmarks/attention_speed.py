"""How fast attention over banks is costed: a decode step at 128k, and a sweep of 500 points.

Usage: ``python benchmarks/attention_speed.py``. Seconds are those of the processor, so that other work of the machine
counts little.
"""

import time
from itertools import islice, product

from ahasd.sparse_attention.balance.mappings import MAPPINGS
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.place import place
from ahasd.sparse_attention.step.decode_step import decode_step
from support.figures import Figure, show

MODEL, STEPS, POINTS = "llama-3.1-8b", 5, 500


def step_seconds(mapping: str) -> float:
    """Of a step at 128k: 32 layers of 8 key-value heads on 128 banks, each step with pages of its own."""
    asked = SparseAttentionConfiguration.checked(
        model=MODEL, context="128k", tokens=STEPS, set=(f"system.mapping={mapping}",)
    )
    placed = place(asked)
    start = time.process_time()
    for number, context in enumerate(placed.contexts):
        decode_step(placed.attention, placed.device, 1, context, step=number + 1)
    return (time.process_time() - start) / STEPS


def sweep_seconds() -> float:
    """Of 500 points: systems, mappings, contexts, pages, budgets, each placed and costed."""
    systems = ("h2eal", "quest-bonded", "duo-bonded", "dense-bonded")
    grid = product(systems, MAPPINGS, ("4k", "16k", "64k", "128k"), (16, 32, 64, 128), (1024, 2048))
    start = time.process_time()
    for system, mapping, context, page, budget in islice(grid, POINTS):
        asked = SparseAttentionConfiguration.checked(
            model=MODEL,
            system=system,
            context=context,
            tokens=1,
            page=page,
            budget=budget,
            set=(f"system.mapping={mapping}",),
        )
        placed = place(asked)
        decode_step(placed.attention, placed.device, 1, placed.contexts[-1])
    return time.process_time() - start


if __name__ == "__main__":
    steps = [Figure(f"a step at 128k, {one}", 1e3 * step_seconds(one), "ms", 50) for one in MAPPINGS]
    show("Attention over banks", [*steps, Figure(f"a sweep of {POINTS} points", sweep_seconds(), "s", 30)])
