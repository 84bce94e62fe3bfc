"""Memory that reading a long prompt takes beyond the model, in the forward of transformers.

Run with ``python benchmarks/prompt_memory.py``. A random Qwen3 of two narrow layers with the vocabulary of Qwen reads
4,000 tokens, each time in a process of its own: with the logits of every token, as its forward gives them by itself,
and with those of the last one alone, which is what the runtime asks for.
"""

import subprocess
import sys
from pathlib import Path

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.transformers_runner import TransformersRunner
from support.figures import Figure, show

VOCABULARY, TOKENS = 151_936, 4_000
#: Of the last row's 0.6 MB, the states and attention of 4,000 tokens and what the allocator rounds up.
MEGABYTES_TARGET = 100.0


def peak_megabytes() -> float:
    """Give the most memory that this process has held (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return float(line.split()[1]) * 1024 / 1e6


def read_prompt(rows: int | None) -> float:
    """Give what a prompt adds to the peak, MB, with the logits of so many rows (None for all)."""
    torch.set_num_threads(1)
    config = transformers.AutoConfig.for_model(
        "qwen3",
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
    )
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    runner = TransformersRunner(LanguageModel("random", model, None))
    runner.forward([1, 2, 3], rows=1)
    runner.reset()
    before = peak_megabytes()
    runner.forward([token % VOCABULARY for token in range(TOKENS)], rows)
    return peak_megabytes() - before


def measured(rows: str) -> float:
    """Measure in a fresh process, whose peak is its own."""
    return float(
        subprocess.run([sys.executable, __file__, rows], capture_output=True, text=True, check=True).stdout
    )


def main() -> None:
    """Measure and print."""
    show(
        f"a prompt of {TOKENS} tokens, vocabulary {VOCABULARY}: memory beyond the model",
        [
            Figure("logits of all tokens", measured("all"), "MB"),
            Figure(
                "logits of the last, as the runtime reads a prompt", measured("1"), "MB", MEGABYTES_TARGET
            ),
        ],
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(read_prompt(None if sys.argv[1] == "all" else int(sys.argv[1])))
    else:
        main()
