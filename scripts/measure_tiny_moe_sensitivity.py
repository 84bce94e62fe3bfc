"""Measure how sensitive the tiny mixture's loss is to what its layers' experts give, for AdapMoE's gate.

Usage: ``python scripts/measure_tiny_moe_sensitivity.py [--output FILE] [--windows 64] [--seed 0]``.

Of each layer, in the mean over tokens: the sum, over the numbers i of the experts' output, of F_ii (f2 - f1)_i^2.
F_ii is the diagonal of the Fisher information of that output, AdapMoE's stand-in for the Hessian (2408.10284): the
squared gradient of the negative log-likelihood of a window whose labels are drawn from the model itself. f1 and f2
are what the two chosen experts give; AdapMoE sums F_ii alone, whose size depends on that of the model's numbers. Text
is training text of the tiny mixture, since what the gate costs is measured on held-out text.
"""

import argparse
import json
import platform
from pathlib import Path

import torch
from transformers import MixtralForCausalLM

from ahasd.decoding.recording.stdlib_corpus import read_sources, source_files
from ahasd.decoding.tiny_moe import NAME, load_tiny_moe
from tiny_pair.data import CONTEXT, Corpus

OUTPUT = Path(__file__).parent.parent / "src" / "ahasd" / "experts" / "gate" / f"{NAME}.json"


def sensitivities(model: MixtralForCausalLM, windows: torch.Tensor, seed: int) -> list[float]:
    """Nats by which a layer's experts matter, first layer first.

    Parameters
    ----------
    windows
        Token ids, (windows, tokens).
    """
    draws = torch.Generator().manual_seed(seed)
    outputs: list[torch.Tensor] = []
    apart: list[torch.Tensor] = []

    def keep(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
        hidden, ids, weights = inputs
        ids = ids.gather(1, weights.argsort(-1, descending=True))
        one = torch.ones((len(hidden), 1))
        with torch.no_grad():
            first, second = (module.forward(hidden, ids[:, place : place + 1], one) for place in (0, 1))
        apart.append(second - first)
        outputs.append(output if output.requires_grad else output.requires_grad_())
        return outputs[-1]

    for weight in model.parameters():
        weight.requires_grad_(False)
    hooks = [layer.mlp.experts.register_forward_hook(keep) for layer in model.model.layers]
    totals = torch.zeros(len(hooks), dtype=torch.float64)
    try:
        for window in windows:
            outputs.clear()
            apart.clear()
            logits = model(window[None], use_cache=False).logits[0]
            labels = torch.multinomial(logits.detach().softmax(-1), 1, generator=draws)[:, 0]
            loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
            gradients = torch.autograd.grad(loss, outputs)
            pairs = zip(gradients, apart, strict=True)
            totals += torch.stack(
                [(gradient * between).double().square().sum() for gradient, between in pairs]
            )
    finally:
        for hook in hooks:
            hook.remove()
    return [float(total) for total in totals / windows.numel()]


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--windows", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    loaded = load_tiny_moe()
    texts = read_sources(source_files(held_out=False)[::40])
    corpus = Corpus(loaded.tokenizer, texts, texts[:1])
    starts = torch.linspace(0, len(corpus.train) - CONTEXT, arguments.windows).long()
    windows = torch.stack([torch.from_numpy(corpus.train[start : start + CONTEXT]) for start in starts])
    found = sensitivities(loaded.model, windows, arguments.seed)
    document = {
        "model": NAME,
        "sensitivities": [round(value, 4) for value in found],
        "source": f"{Path(__file__).name}: {windows.numel()} tokens of the training text, seed {arguments.seed}, "
        f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}",
    }
    arguments.output.write_text(json.dumps(document, indent=2) + "\n")
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
