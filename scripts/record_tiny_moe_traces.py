"""Record the routing traces that ship with ahasd: the tiny mixture, sampled and greedy.

Usage: ``python scripts/record_tiny_moe_traces.py [--output DIR] [--seed 0]``. The prompts are pieces of the held-out
files of the standard library, as those of ``record_shipped_traces.py``.
"""

import argparse
import platform
from pathlib import Path

import torch
from transformers.utils import logging

from ahasd.decoding.recording.routing_recorder import record_routing
from ahasd.decoding.tiny_moe import load_tiny_moe
from ahasd.traces.header import Mode
from ahasd.traces.routing.files import save
from record_shipped_traces import held_out_prompts

OUTPUT = Path(__file__).parent.parent / "src" / "ahasd" / "traces" / "data" / "routing"

#: Prompts, tokens of each at most, and tokens written for each: at least 8,000 tokens of each trace. Greedy text
#: begins to repeat itself after some dozen tokens, so there more prompts are continued for a shorter while.
SIZES: dict[str, tuple[Mode, int, int, int]] = {
    "tiny-moe": ("sampled", 42, 40, 190),
    "tiny-moe-greedy": ("greedy", 106, 40, 50),
}


def main() -> None:
    """Record and save them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    arguments.output.mkdir(parents=True, exist_ok=True)
    model = load_tiny_moe()
    for name, (mode, prompts, given, written) in SIZES.items():
        trace = record_routing(
            model,
            held_out_prompts(model.tokenizer, prompts, given),
            mode=mode,
            tokens_per_prompt=written,
            seed=arguments.seed,
            prompts_source=f"held-out files of the standard library, Python {platform.python_version()}",
        )
        save(trace, arguments.output / f"{name}.safetensors")
        print(f"{name}: {trace.tokens} tokens, {int(trace.written.sum())} written", flush=True)


if __name__ == "__main__":
    main()
